/**
 * Parses JSON as Deno does in its configuration: with comments and trailing commas.
 *
 * @module
 */
import { isObject, parseJson } from "../supabase/functions/_clerk-supabase/formats/json.ts";

/** A string, which is kept, or a comment. */
const TEXT_OR_COMMENT = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const TEXT_OR_COMMA = /"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g;

/**
 * Parses an object.
 *
 * @param text The file's content.
 * @returns The object; undefined if the text is not a JSON object.
 */
export function parseJsonWithComments(text: string): Record<string, unknown> | undefined {
  const plain = text.replaceAll(TEXT_OR_COMMENT, (found) => found.startsWith('"') ? found : " ")
    .replaceAll(TEXT_OR_COMMA, (found) => found.startsWith('"') ? found : "");
  const value = parseJson(plain);
  return isObject(value) ? value : undefined;
}
