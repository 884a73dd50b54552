/**
 * Reads fields of a request's JSON body. Every error names its field.
 *
 * @module
 */
import { storableText } from "../formats/storable.ts";
import { ApiError } from "../errors.ts";

/**
 * Creates the error for an invalid field or parameter.
 *
 * @param field Its name.
 * @param expectation The requirement, such as `must be text`.
 * @returns `FIELD_INVALID` with the field.
 *
 * @example
 * ```ts
 * import { invalidField } from "./fields.ts";
 *
 * const error = invalidField("limit", "must be a number from 1 to 100");
 * if (error.message !== "Cannot use request: limit must be a number from 1 to 100") throw error;
 * ```
 */
export function invalidField(field: string, expectation: string): ApiError {
  return new ApiError("FIELD_INVALID", `Cannot use request: ${field} ${expectation}`, { field });
}

/**
 * Throws if a body has unknown fields.
 *
 * @param body The body.
 * @param known The names of its fields.
 * @param of The object that the body describes, such as `a resume`.
 * @throws {ApiError} `FIELD_INVALID` with the first unknown field.
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
 * Reads a text field, without the characters that PostgreSQL cannot store.
 *
 * @param name The field's name.
 * @param value Its value.
 * @param shortest The least number of characters, as PostgreSQL counts them.
 * @param longest The greatest number of characters.
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
