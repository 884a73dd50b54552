/**
 * Fields of a request's JSON body. Every error names its field.
 *
 * @module
 */
import { storableText } from "../formats/storable.ts";
import { ApiError } from "../errors.ts";

/**
 * Makes the error for a field or parameter that is wrong.
 *
 * @param field Its name.
 * @param expectation What it must be, such as `must be text`.
 * @returns `FIELD_INVALID` with the field.
 *
 * @example
 * ```ts
 * import { invalidField } from "./fields.ts";
 *
 * const error = invalidField("limit", "must be a number from 1 to 100");
 * if (error.field !== "limit" || error.message !== "Cannot take request: limit must be a number from 1 to 100") throw error;
 * ```
 */
export function invalidField(field: string, expectation: string): ApiError {
  return new ApiError("FIELD_INVALID", `Cannot take request: ${field} ${expectation}`, { field });
}

/**
 * Refuses a body with other fields than these.
 *
 * @param body The body.
 * @param known The names of its fields.
 * @param of What the fields are of, such as `a resume`.
 * @throws {ApiError} `FIELD_INVALID` with the first other field.
 *
 * @example
 * ```ts
 * import { refuseOtherFields } from "./fields.ts";
 *
 * refuseOtherFields({ title: "First" }, ["title", "content"], "a note"); // throws for { author: "Ada" }
 * ```
 */
export function refuseOtherFields(body: Readonly<Record<string, unknown>>, known: readonly string[], of: string): void {
  const other = Object.keys(body).find((name) => !known.includes(name));
  if (other !== undefined) throw invalidField(storableText(other).slice(0, 100), `is not a field of ${of}`);
}

/**
 * Reads a field that is text, without what PostgreSQL cannot store.
 *
 * @param name The field's name.
 * @param value Its value.
 * @param shortest The fewest characters, as PostgreSQL counts them.
 * @param longest The most characters.
 * @returns The text.
 * @throws {ApiError} `FIELD_INVALID` with the field.
 *
 * @example
 * ```ts
 * import { readTextField } from "./fields.ts";
 *
 * if (readTextField("title", "First\u0000", 1, 200) !== "First") throw new Error();
 * ```
 */
export function readTextField(name: string, value: unknown, shortest: number, longest: number): string {
  if (typeof value !== "string") throw invalidField(name, "must be text");
  const text = storableText(value);
  const length = [...text].length;
  if (length < shortest || length > longest) throw invalidField(name, `must have ${shortest} to ${longest} characters`);
  return text;
}
