/**
 * `deno task bench report`: the tables and pictures of docs/performance.md, from the results that
 * `deno task bench --save` kept.
 *
 * @module
 */
import { drawBars } from "./bars.ts";
import { barsOf, describeFelt, FELT, findTable, PLOTS } from "./felt.ts";
import { markdown, type Table } from "./table.ts";

/** The results of the last run of each suite, by its name. */
export type Results = Record<string, Run>;

/** The results of a run, and its machine. */
export interface Run {
  /** Such as `2026-11-23`. */
  date: string;
  machine: string;
  tables: Table[];
}

const RESULTS = new URL("../docs/performance.json", import.meta.url);
const PAGE = new URL("../docs/performance.md", import.meta.url);
const IMAGES = new URL("../docs/images/", import.meta.url);
/** In the order of the page. */
const SUITES = ["row", "policies", "functions", "cold-start", "database", "backfill"];

/** The files under docs/ that are created from the results. */
export interface BenchReport {
  page: string;
  images: Map<string, string>;
}

/**
 * Creates the report.
 *
 * @param results The results of the benchmarks.
 * @param page The current page.
 * @returns The page with the tables, and the pictures by file name.
 * @throws {Error} If the page has no place for the results.
 */
function makeReport(results: Results, page: string): BenchReport {
  const runs = SUITES.flatMap((name) => results[name] ?? []);
  const tables = runs.flatMap((run) => run.tables);
  const plots = PLOTS.filter(({ table }) => findTable(tables, table));
  const pictures = plots.map(({ file, title }) => `![${title}](images/${file})\n`);
  const felt = [describeFelt(FELT, tables), ...describeMissing(results), ...pictures].join("\n");
  const withFelt = replaceBetween(page, "what people feel", felt);
  return {
    page: replaceBetween(withFelt, "results", runs.map(describeRun).join("\n")),
    images: new Map(plots.map((plot) => [plot.file, drawBars(plot.title, barsOf(tables, plot))])),
  };
}

/** Suites whose results nobody has kept, because no machine was idle. */
function describeMissing(results: Results): string[] {
  const missing = SUITES.filter((name) => !results[name]).map((name) => `\`${name}\``);
  return missing.length === 0 ? [] : [`Not measured on an idle machine yet: ${missing.join(", ")}.\n`];
}

/** Replaces the text between the two comments with a name. */
function replaceBetween(page: string, name: string, text: string): string {
  const between = new RegExp(`(<!-- ${name}: .* -->\\n).*(<!-- end of ${name} -->\\n)`, "s");
  if (!between.test(page)) throw new Error(`Cannot write ${name}: docs/performance.md has no place for it`);
  return page.replace(between, (_, before: string, after: string) => `${before}\n${text}\n${after}`);
}

function describeRun({ date, machine, tables }: Run): string {
  return [`${wrap(`Measured on ${date}: ${machine}.`)}\n`, ...tables.map(markdown)].join("\n");
}

/** Breaks a paragraph into lines of at most 120 characters, as `deno fmt` does. */
function wrap(text: string): string {
  return text.replaceAll(/(.{1,120})(?: |$)/g, "$1\n").trimEnd();
}

/** Replaces the saved results of a suite. Targets are not saved, because they are in `bench/`. */
export async function saveRun(name: string, run: Run): Promise<void> {
  const results = { ...await readResults(), [name]: { ...run, tables: run.tables.map(withoutTargets) } };
  await Deno.writeTextFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
}

function withoutTargets({ title, columns, rows }: Table): Table {
  const isKept = (_: unknown, index: number) => columns[index] !== "target";
  return { title, columns: columns.filter(isKept), rows: rows.map((row) => row.filter(isKept)) };
}

/**
 * Creates the report from the saved results.
 *
 * @returns The report.
 */
export async function readReport(): Promise<BenchReport> {
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
