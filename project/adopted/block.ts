/**
 * The bundle's block in an adopter's file: lines between two marks, in files with `#` comments.
 *
 * @module
 */
import { CommandError } from "../errors.ts";

const BEGIN = "# >>> clerk-supabase: written by clerk-supabase add, removed by clerk-supabase remove";
const END = "# <<< clerk-supabase";
const ENDS = /^# <<< clerk-supabase\b/m;
/** The part of the first mark that must stay; the rest of the line may be deleted. */
const BEGINS = /^# >>> clerk-supabase\b[^\n]*\n/m;

/**
 * Converts line ends to line feeds, because git on Windows may write others.
 *
 * @param text Any text.
 * @returns The text with line feeds.
 */
export function unixText(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/**
 * Returns the content of the block.
 *
 * @param text The file.
 * @param path Its name, for error messages.
 * @returns The lines between the marks; undefined if there is no block.
 * @throws {CommandError} If one of the two marks is missing.
 */
export function readBlock(text: string, path: string): string | undefined {
  return split(unixText(text), path)?.block;
}

/**
 * Replaces the block, or appends one. The text around it does not change; the block gets the file's line ends.
 *
 * @param text The file; empty if it does not exist.
 * @param block The lines, with a final line feed.
 * @param path The file's name.
 * @returns The file with the block.
 */
export function putBlock(text: string, block: string, path: string): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const { before, after } = split(text, path) ?? { before: text === "" ? "" : `${text}${eol}`, after: "" };
  return before + `${BEGIN}\n${block}${END}\n`.replaceAll("\n", eol) + after;
}

/**
 * Removes the block, which undoes putBlock().
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
 * Removes the marks, and keeps the lines between them.
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
 * Replaces the block with empty lines, so that the other lines keep their numbers.
 *
 * @param text The file.
 * @param path Its name.
 * @returns A text with as many lines as the file.
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

/** With only one mark, the end of the block is unknown. */
function lostMark(path: string, mark: string, place: string): CommandError {
  return new CommandError(`Cannot read ${path}: the line "${mark}" is missing. Write it ${place}`);
}
