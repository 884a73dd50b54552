/**
 * Parses the query parameters of the Backend API's lists.
 *
 * @module
 */
import { type ClerkError, invalidParameter, notSimulated } from "./errors.ts";

/** The most values of a repeated parameter. */
const MAX_REPEATS = 100;

/**
 * Parses `limit` and `offset`.
 *
 * @param parameters The query string.
 * @returns Limit and offset.
 * @throws {ClerkError} If a value is out of range.
 */
export function readPage(parameters: URLSearchParams): { limit: number; offset: number } {
  return {
    limit: readNumber(parameters, "limit", 10, [1, 500]),
    offset: readNumber(parameters, "offset", 0, [0, Number.MAX_SAFE_INTEGER]),
  };
}

/**
 * Throws if the query has an unknown parameter. Clerk may know it, and ignoring it would give a wrong answer.
 *
 * @param parameters The query string.
 * @param known The supported names.
 * @throws {ClerkError} 501 for any other name.
 */
export function refuseOthers(parameters: URLSearchParams, known: readonly string[]): void {
  for (const name of parameters.keys()) {
    if (!known.includes(name)) throw unknownUse(name);
  }
}

function unknownUse(param: string): ClerkError {
  return notSimulated(`The simulator does not support this use of ${param}`, { param });
}

/**
 * Parses `order_by`. A bare `+` in a query string has been decoded to a space.
 *
 * @param text The field, with an optional sign.
 * @param isField Checks whether the field exists.
 * @returns The order.
 * @throws {ClerkError} 422 unless the field is known.
 */
export function readOrder<Field extends string>(
  text: string,
  isField: (name: string) => name is Field,
): { field: Field; descending: boolean } {
  const [, sign, field = ""] = /^([-+ ]?)(.*)$/.exec(text) ?? [];
  if (isField(field)) return { field, descending: sign === "-" };
  throw invalidParameter("order_by", "order_by is none of the known orders", "form_param_value_invalid");
}

/**
 * Returns the values of a parameter that may be repeated.
 *
 * @param parameters The query string.
 * @param name The parameter.
 * @returns The values; undefined if the parameter is missing.
 * @throws {ClerkError} 422 if it is repeated too often.
 */
export function readList(parameters: URLSearchParams, name: string): string[] | undefined {
  const values = parameters.getAll(name);
  if (values.length > MAX_REPEATS) throw invalidParameter(name, `${name} may be given ${MAX_REPEATS} times`);
  return values.length === 0 ? undefined : values;
}

/**
 * Parses ids that may be repeated. A leading `+` is optional; a leading `-`, which excludes an id, is not simulated.
 *
 * @param parameters The query string.
 * @param name The parameter.
 * @returns The ids; undefined if the parameter is missing.
 * @throws {ClerkError} 422 if a parameter is invalid, 501 if the simulator does not support it.
 */
export function readIds(parameters: URLSearchParams, name: string): string[] | undefined {
  return readList(parameters, name)?.map((id) => {
    if (id.startsWith("-")) throw unknownUse(name);
    return id.replace(/^[+ ]/, "");
  });
}

function readNumber(parameters: URLSearchParams, name: string, otherwise: number, [least, most]: [number, number]) {
  const text = parameters.get(name) ?? String(otherwise);
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw invalidParameter(name, `${name} must be a whole number from ${least} to ${most}`);
}
