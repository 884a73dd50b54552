/**
 * Reads code from the documentation, to be run unchanged.
 *
 * @module
 */
import { parsePage } from "./markdown.ts";

/**
 * Returns the fenced code of a page that contains a text.
 *
 * @param page Such as `docs/database.md`.
 * @param part A part of the code.
 * @returns The code.
 */
export async function documentedCode(page: string, part: string): Promise<string> {
  const { blocks } = parsePage(page, await Deno.readTextFile(new URL(`../../../${page}`, import.meta.url)));
  const block = blocks.find(({ code }) => code.includes(part));
  if (!block) throw new Error(`${page} has no code that contains ${part}`);
  return block.code;
}
