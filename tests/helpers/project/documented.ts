/**
 * Code that the documentation tells people to use, to be run as it stands there.
 *
 * @module
 */
import { parsePage } from "./markdown.ts";

/**
 * The fenced code of a page that contains a text.
 *
 * @param page Such as `docs/database.md`.
 * @param part A part of the code.
 * @returns The code.
 */
export async function documentedCode(page: string, part: string): Promise<string> {
  const { blocks } = parsePage(page, await Deno.readTextFile(new URL(`../../../${page}`, import.meta.url)));
  const block = blocks.find(({ code }) => code.includes(part));
  if (!block) throw new Error(`${page} has no code with ${part}`);
  return block.code;
}
