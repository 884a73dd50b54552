/**
 * Results as people read them, and as programs do.
 *
 * @module
 */

/** What one suite found. */
export interface Table {
  title: string;
  columns: string[];
  rows: Array<Array<string | number | undefined>>;
}

/**
 * Writes a table as Markdown, so that it can be pasted.
 *
 * @param table The results; an absent cell stays empty.
 * @returns The lines.
 */
export function markdown({ title, columns, rows }: Table): string {
  const lines = [columns, ...rows.map((row) => row.map((cell) => String(cell ?? "")))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)));
  const write = (cells: string[]) => `| ${cells.map((cell, index) => cell.padEnd(widths[index]!)).join(" | ")} |`;
  const [head, ...body] = lines.map(write);
  return [`### ${title}`, "", head, write(widths.map((width) => "-".repeat(width))), ...body, ""].join("\n");
}

/**
 * A ratio beside its target.
 *
 * @param value The ratio.
 * @param most The greatest value that meets the target, if there is one.
 * @returns Such as `0.93 (≤ 1.0)`, marked where the target is missed.
 */
export function ratio(value: number, most?: number): string {
  const text = value.toFixed(2);
  if (most === undefined) return text;
  return `${text} (≤ ${most}${value > most ? ", missed" : ""})`;
}
