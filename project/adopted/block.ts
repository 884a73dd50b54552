/**
 * A part of a file that is the adopter's: lines between two marks, in files whose comments begin with `#`.
 *
 * @module
 */
import { CommandError } from "../errors.ts";

const BEGIN = "# >>> clerk-supabase: written by clerk-supabase add, removed by clerk-supabase remove";
const END = "# <<< clerk-supabase";
const ENDS = /^# <<< clerk-supabase\b/m;
/** People may cut the rest of the first line. */
const BEGINS = /^# >>> clerk-supabase\b[^\n]*\n/m;

/**
 * Makes every line end in a line feed. On Windows, git may write files otherwise than it has them.
 *
 * @param text Any text.
 * @returns The text.
 */
export function unixText(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/**
 * Finds the block.
 *
 * @param text The file.
 * @param path Its name, for what is said.
 * @returns The lines between the marks; undefined where there is no block.
 * @throws {CommandError} If one of the two marks is missing.
 */
export function readBlock(text: string, path: string): string | undefined {
  return split(unixText(text), path)?.block;
}

/**
 * Writes the block in place of the one that is there, else at the end. What is around it stays as it is; the block's
 * lines end as its lines do.
 *
 * @param text The file; empty for one that is not there.
 * @param block The lines, the last one with its end.
 * @param path The file's name.
 * @returns The file with the block.
 */
export function putBlock(text: string, block: string, path: string): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const { before, after } = split(text, path) ?? { before: text === "" ? "" : `${text}${eol}`, after: "" };
  return before + `${BEGIN}\n${block}${END}\n`.replaceAll("\n", eol) + after;
}

/**
 * Takes the block out. After putBlock() it leaves what was there before.
 *
 * @param text The file.
 * @param path Its name.
 * @returns The file without the block.
 */
export function takeBlock(text: string, path: string): string {
  const parts = split(text, path);
  return parts ? parts.before.replace(/\r?\n$/, "") + parts.after : text;
}

/**
 * Takes only the marks out.
 *
 * @param text The file.
 * @param path Its name.
 * @returns The file, with the block's lines as the adopter's own.
 */
export function keepBlock(text: string, path: string): string {
  const parts = split(text, path);
  return parts ? parts.before + parts.block + parts.after : text;
}

/**
 * Blanks the block, so that the other lines keep their numbers.
 *
 * @param text The file.
 * @param path Its name.
 * @returns As many lines as the file has.
 */
export function blankBlock(text: string, path: string): string {
  const parts = split(text, path);
  if (!parts) return text;
  const { before, after } = parts;
  const own = text.slice(before.length, text.length - after.length);
  return before + own.replaceAll(/[^\n]/g, "") + after;
}

function split(text: string, path: string): { before: string; block: string; after: string } | undefined {
  const begin = BEGINS.exec(text);
  if (!begin) {
    if (!ENDS.test(text)) return undefined;
    throw lostMark(path, BEGIN.split(":")[0]!, "above the bundle's first line");
  }
  const start = begin.index + begin[0].length;
  const end = `\n${text.slice(start)}`.indexOf(`\n${END}`);
  if (end < 0) throw lostMark(path, END, "below the bundle's last line");
  const rest = text.slice(start + end);
  return {
    before: text.slice(0, begin.index),
    block: text.slice(start, start + end),
    after: rest.slice(END.length).replace(/^\r?\n/, ""),
  };
}

/** With one mark alone, nobody knows which of the lines are the bundle's. */
function lostMark(path: string, mark: string, place: string): CommandError {
  return new CommandError(`Cannot read ${path}: the line "${mark}" is missing. Write it ${place}`);
}
