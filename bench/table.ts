/**
 * Results as people read them, and as programs do.
 *
 * @module
 */

/** The results of one suite. */
export interface Table {
  title: string;
  columns: string[];
  rows: Array<Array<string | number | undefined>>;
}

/**
 * Writes a table with its title as Markdown, so that it can be pasted.
 *
 * @param table The results; an absent cell stays empty.
 * @returns The lines.
 */
export function markdown(table: Table): string {
  return `### ${table.title}\n\n${writeRows(table)}`;
}

/** Writes a table without its title, its columns aligned as `deno fmt` does it. */
export function writeRows({ columns, rows }: Pick<Table, "columns" | "rows">): string {
  const lines = [columns, ...rows.map((row) => row.map((cell) => String(cell ?? "")))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)));
  const write = (cells: string[]) => `| ${cells.map((cell, index) => cell.padEnd(widths[index]!)).join(" | ")} |`;
  const [head, ...body] = lines.map(write);
  return [head, write(widths.map((width) => "-".repeat(width))), ...body, ""].join("\n");
}

/** Says whether a ratio that should be small meets its target, such as `≤ 1.30, missed`. */
export function atMost(most: number, ratio: number): string {
  return `≤ ${most.toFixed(2)}, ${ratio <= most ? "met" : "missed"}`;
}

/** Says whether a ratio that should be great meets its target, such as `≥ 0.90, met`. */
export function atLeast(least: number, ratio: number): string {
  return `≥ ${least.toFixed(2)}, ${ratio >= least ? "met" : "missed"}`;
}

/** Two cells: a ratio that should be small, and its target if there is one. */
export function besideTarget(ratio: number, most: number | undefined): [string, string | undefined] {
  return [ratio.toFixed(2), most === undefined ? undefined : atMost(most, ratio)];
}
