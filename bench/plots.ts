/**
 * `deno task plots`: pictures of the results that `deno task bench --save` kept, for docs/performance.md.
 *
 * @module
 */
import type { Table } from "./table.ts";

const RESULTS = new URL("../docs/performance.json", import.meta.url);
const IMAGES = new URL("../docs/images/", import.meta.url);

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
export function drawBars(title: string, bars: readonly Bar[]): string {
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
      `<text x="${(LABELS + width + 6).toFixed(1)}" y="${y + 15}">${format(value)}</text>`,
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

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** The bars of a table: what it says in one column, for each row. */
function barsOf({ columns, rows }: Table, column: string): Bar[] {
  const [what, value] = [columns.indexOf("what"), columns.indexOf(column)];
  return rows.map((row, index) => ({ label: String(row[what]), value: Number(row[value]), ours: index === 0 }));
}

async function main(): Promise<void> {
  const tables: Table[] = JSON.parse(await Deno.readTextFile(RESULTS));
  const plots: Array<[file: string, title: string, table: RegExp, column: string]> = [
    ["performance-webhook.svg", "clerk-webhook: CPU for a request, ms", /^clerk-webhook: \d+ rounds/, "CPU ms/request"],
    ["performance-profile.svg", "profile: CPU for a request, ms", /^profile: \d+ rounds/, "CPU ms/request"],
    [
      "performance-cold-webhook.svg",
      "clerk-webhook: cold start over bare Deno, ms",
      /^clerk-webhook: cold start/,
      "ms",
    ],
    ["performance-cold-profile.svg", "profile: cold start over bare Deno, ms", /^profile: cold start/, "ms"],
    ["performance-backfill.svg", "Backfill: users in a second", /^Backfill/, "users/s"],
  ];
  for (const [file, title, pattern, column] of plots) {
    const table = tables.find((one) => pattern.test(one.title));
    if (!table) throw new Error(`Cannot draw ${file}: docs/performance.json has no such table`);
    await Deno.writeTextFile(new URL(file, IMAGES), drawBars(title, barsOf(table, column)));
  }
}

if (import.meta.main) await main();
