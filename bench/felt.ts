/**
 * The results that people notice: one line and one picture for each question.
 *
 * @module
 */
import type { Bar } from "./bars.ts";
import { type Table, writeRows } from "./table.ts";

/** A picture of one column of a table. */
export interface Plot {
  file: string;
  title: string;
  /** How the table's title begins. */
  table: string;
  column: string;
  /** The columns whose cells name a bar. */
  labels: string[];
  /** Whether all bars are ours; else those whose label says so. */
  isAllOurs?: boolean;
}

/** The pictures, in the order of the page. */
export const PLOTS: Plot[] = [
  {
    file: "performance-row.svg",
    title: "From Clerk's webhook to the row that is read, ms (median)",
    table: "From Clerk's webhook",
    column: "p50 ms",
    labels: ["what", "functions", "in flight"],
  },
  {
    file: "performance-sign-up.svg",
    title: "From Clerk's answer to a sign-up to the profile, ms (median)",
    table: "From Clerk's answer to a sign-up",
    column: "p50 ms",
    labels: ["what", "functions"],
    isAllOurs: true,
  },
  {
    file: "performance-policies.svg",
    title: "A page of 20 rows among a million under a policy: CPU µs of the database",
    table: "Policies: a page of 20",
    column: "CPU µs",
    labels: ["policy", "what"],
  },
  {
    file: "performance-webhook.svg",
    title: "clerk-webhook: CPU for a request, ms",
    table: "clerk-webhook, warm",
    column: "CPU ms/request",
    labels: ["what"],
  },
  {
    file: "performance-profile.svg",
    title: "profile: CPU for a request, ms",
    table: "profile, warm",
    column: "CPU ms/request",
    labels: ["what"],
  },
  {
    file: "performance-cold-webhook.svg",
    title: "clerk-webhook: cold start over bare Deno, ms",
    table: "clerk-webhook: cold start",
    column: "ms",
    labels: ["what"],
  },
  {
    file: "performance-cold-profile.svg",
    title: "profile: cold start over bare Deno, ms",
    table: "profile: cold start",
    column: "ms",
    labels: ["what"],
  },
  {
    file: "performance-backfill.svg",
    title: "Users brought in, in a second",
    table: "Backfill",
    column: "users/s",
    labels: ["what"],
  },
];

/** A line of the table of noticeable results. */
export interface Felt {
  question: string;
  table: string;
  /** The column of the answer, and its unit. */
  column: string;
  unit: string;
  /** Cells of the row that answers, by column, and of the row beside it. */
  ours: Record<string, string | number>;
  beside?: Record<string, string | number>;
  besideName?: string;
}

/** The lines, in the order in which people meet them. */
export const FELT: Felt[] = [
  {
    question: "How soon can the row of a new user be read after Clerk's webhook?",
    table: "From Clerk's webhook",
    column: "p50 ms",
    unit: "ms",
    ours: { "what": "ours", "functions": "warm", "in flight": 1 },
    beside: { "what": "best practice", "functions": "warm", "in flight": 1 },
    besideName: "a webhook by best practice",
  },
  {
    question: "And if the function has to start first?",
    table: "From Clerk's webhook",
    column: "p50 ms",
    unit: "ms",
    ours: { "what": "ours", "functions": "cold", "in flight": 1 },
    beside: { "what": "best practice", "functions": "cold", "in flight": 1 },
    besideName: "a webhook by best practice",
  },
  {
    question: "How soon does `profile` answer after a sign-up?",
    table: "From Clerk's answer to a sign-up",
    column: "p50 ms",
    unit: "ms",
    ours: { "what": "profile comes first and asks Clerk", "functions": "warm" },
    beside: { "what": "the webhook comes first", "functions": "warm" },
    besideName: "ours, if the webhook comes first",
  },
  {
    question: "How long does `profile` take to start?",
    table: "profile: cold start",
    column: "ms",
    unit: "ms over bare Deno",
    ours: { what: "ours" },
    beside: { what: "verifyToken of @clerk/backend, supabase-js" },
    besideName: "@clerk/backend and supabase-js",
  },
  {
    question: "How long does a page of an organization's rows take, among a million?",
    table: "Policies: a page of 20",
    column: "p50 ms",
    unit: "ms",
    ours: { policy: "organization", what: "ours: token and tables" },
    beside: { policy: "organization", what: "token only" },
    besideName: "a policy that asks the token alone",
  },
  {
    question: "How fast are existing users imported?",
    table: "Backfill",
    column: "users/s",
    unit: "users/s",
    ours: { what: "ours: clerk-reconcile, backfill, in slices" },
    beside: { what: "a webhook for each user, 8 in flight" },
    besideName: "a webhook for each",
  },
];

/** Finds a table by how its title begins. */
export function findTable(tables: readonly Table[], title: string): Table | undefined {
  return tables.find((table) => table.title.startsWith(title));
}

/** Returns the bars of a picture: the values of one column of its table. */
export function barsOf(tables: readonly Table[], { table, column, labels, isAllOurs = false }: Plot): Bar[] {
  const { columns, rows } = findTable(tables, table)!;
  const cell = (row: Table["rows"][number], name: string) => row[columns.indexOf(name)];
  return rows.map((row) => ({
    label: labels.map((name) => name === "in flight" ? `${cell(row, name)} in flight` : String(cell(row, name))).join(
      ", ",
    ),
    value: Number(cell(row, column)),
    isOurs: isAllOurs || labels.some((name) => String(cell(row, name)).startsWith("ours")),
  }));
}

/** Writes the lines whose tables were kept, as Markdown. */
export function describeFelt(lines: readonly Felt[], tables: readonly Table[]): string {
  const rows = lines.flatMap((line) => {
    const [ours, beside] = [line.ours, line.beside].map((cells) => cells && answerOf(tables, line, cells));
    return ours === undefined ? [] : [[line.question, `${ours} ${line.unit}`, describeBeside(line, beside)]];
  });
  return writeRows({ columns: ["what people feel", "ours", "beside it"], rows });
}

function describeBeside({ unit, besideName }: Felt, value: string | undefined): string {
  return value === undefined ? "" : `${value} ${unit}: ${besideName}`;
}

function answerOf(tables: readonly Table[], line: Felt, cells: Record<string, string | number>): string | undefined {
  const table = findTable(tables, line.table);
  const row = table?.rows.find((row) =>
    Object.entries(cells).every(([name, value]) => row[table.columns.indexOf(name)] === value)
  );
  return row === undefined ? undefined : String(row[table!.columns.indexOf(line.column)]);
}
