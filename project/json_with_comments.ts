/**
 * JSON as Deno reads it in its configuration: with comments, and commas before a closing bracket.
 *
 * @module
 */
import { isObject, parseJson } from "../supabase/functions/_clerk-supabase/formats/json.ts";

/** A text in quotes, which stays as it is, or a comment. */
const TEXT_OR_COMMENT = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const TEXT_OR_COMMA = /"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g;

/**
 * Parses an object.
 *
 * @param text The file's content.
 * @returns The object; undefined if the text is none.
 */
export function parseJsonWithComments(text: string): Record<string, unknown> | undefined {
  const plain = text.replaceAll(TEXT_OR_COMMENT, (found) => found.startsWith('"') ? found : " ")
    .replaceAll(TEXT_OR_COMMA, (found) => found.startsWith('"') ? found : "");
  const value = parseJson(plain);
  return isObject(value) ? value : undefined;
}
