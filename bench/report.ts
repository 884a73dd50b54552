/**
 * `deno task bench report`: the tables and pictures of docs/performance.md, from the results that
 * `deno task bench --save` kept.
 *
 * @module
 */
import { markdown, type Table } from "./table.ts";

/** What the last run of each suite found, by its name. */
export type Results = Record<string, Run>;

/** What a run found, and where. */
export interface Run {
  /** Such as `2026-11-23`. */
  date: string;
  machine: string;
  tables: Table[];
}

const RESULTS = new URL("../docs/performance.json", import.meta.url);
const PAGE = new URL("../docs/performance.md", import.meta.url);
const IMAGES = new URL("../docs/images/", import.meta.url);
/** What lies between these lines of the page is written by this command. */
const BETWEEN = /(<!-- results: .* -->\n).*(<!-- end of the results -->\n)/s;

/** A picture of one column of a table. */
interface Plot {
  file: string;
  title: string;
  /** How the table's title begins. */
  table: string;
  column: string;
}

const PLOTS: Plot[] = [
  {
    file: "performance-webhook.svg",
    title: "clerk-webhook: CPU for a request, ms",
    table: "clerk-webhook, warm",
    column: "CPU ms/request",
  },
  {
    file: "performance-profile.svg",
    title: "profile: CPU for a request, ms",
    table: "profile, warm",
    column: "CPU ms/request",
  },
  {
    file: "performance-cold-webhook.svg",
    title: "clerk-webhook: cold start over bare Deno, ms",
    table: "clerk-webhook: cold start",
    column: "ms",
  },
  {
    file: "performance-cold-profile.svg",
    title: "profile: cold start over bare Deno, ms",
    table: "profile: cold start",
    column: "ms",
  },
];

/** One bar. */
interface Bar {
  label: string;
  value: number;
  /** Whether it is one of ours. */
  ours: boolean;
}

const WIDTH = 760;
const LABELS = 390;
const ROW = 30;
const TOP = 44;

/**
 * Draws horizontal bars. Text and axis take a grey that can be read on white and on black.
 *
 * @param title What the bars are, with the unit.
 * @param bars From top to bottom.
 * @returns An SVG document.
 */
function drawBars(title: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ label, value, ours }, index) => {
    const y = TOP + index * ROW;
    const width = Math.max(1, (WIDTH - LABELS - 70) * value / most);
    return [
      `<text x="${LABELS - 10}" y="${y + 15}" text-anchor="end"${ours ? ' font-weight="bold"' : ""}>${
        escape(label)
      }</text>`,
      `<rect x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="20" rx="3" fill="${
        ours ? "#2f9e66" : "#8a93a3"
      }"/>`,
      `<text x="${(LABELS + width + 6).toFixed(1)}" y="${y + 15}">${value}</text>`,
    ].join("\n");
  });
  const height = TOP + bars.length * ROW + 6;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${
      escape(title)
    }" ` +
    `font-family="system-ui, sans-serif" font-size="13" fill="#767d8a">`,
    `<text x="10" y="20" font-size="15" font-weight="bold">${escape(title)}</text>`,
    ...rows,
    "</svg>\n",
  ].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** The bars of a table: what it says in one column, for each row. */
function barsOf({ columns, rows }: Table, column: string): Bar[] {
  const [what, value] = [columns.indexOf("what"), columns.indexOf(column)];
  return rows.map((row) => {
    const label = String(row[what]);
    return { label, value: Number(row[value]), ours: label.startsWith("ours") };
  });
}

/** Everything that is made of the results: file by file, under docs/. */
export interface Report {
  page: string;
  images: Map<string, string>;
}

/**
 * Makes the report.
 *
 * @param results What the benchmarks found.
 * @param page The page as it is.
 * @returns The page with the tables, and the pictures by file name.
 * @throws {Error} Where a picture's table is not among the results, or the page has no place for the tables.
 */
function makeReport(results: Results, page: string): Report {
  if (!BETWEEN.test(page)) throw new Error("Cannot write results: docs/performance.md has no place for them");
  const runs = Object.values(results);
  const tables = runs.flatMap((run) => run.tables);
  const text = runs.map(describeRun);
  return {
    page: page.replace(BETWEEN, (_, before: string, after: string) => `${before}\n${text.join("\n")}\n${after}`),
    images: new Map(PLOTS.map((plot) => [plot.file, drawPlot(plot, tables)])),
  };
}

function describeRun({ date, machine, tables }: Run): string {
  return [`Measured on ${date}: ${machine}.\n`, ...tables.map(markdown)].join("\n");
}

function drawPlot({ file, title, table, column }: Plot, tables: readonly Table[]): string {
  const found = tables.find((one) => one.title.startsWith(table));
  if (!found) throw new Error(`Cannot draw ${file}: no table begins with "${table}"`);
  return drawBars(title, barsOf(found, column));
}

/** Keeps what a suite found, in place of what an earlier run of it found. Targets are not kept: they are in `bench/`. */
export async function saveRun(name: string, run: Run): Promise<void> {
  const results = { ...await readResults(), [name]: { ...run, tables: run.tables.map(withoutTargets) } };
  await Deno.writeTextFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
}

function withoutTargets({ title, columns, rows }: Table): Table {
  const isKept = (_: unknown, index: number) => columns[index] !== "target";
  return { title, columns: columns.filter(isKept), rows: rows.map((row) => row.filter(isKept)) };
}

/**
 * Reads what was kept, and makes the report of it.
 *
 * @returns The report.
 */
export async function readReport(): Promise<Report> {
  return makeReport(await readResults(), await Deno.readTextFile(PAGE));
}

async function readResults(): Promise<Results> {
  return JSON.parse(await Deno.readTextFile(RESULTS));
}

/** Writes the page and its pictures. */
export async function writeReport(): Promise<void> {
  const { page, images } = await readReport();
  await Deno.writeTextFile(PAGE, page);
  for (const [file, image] of images) await Deno.writeTextFile(new URL(file, IMAGES), image);
}
