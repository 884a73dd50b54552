/**
 * Reading what the Backend API's lists take.
 *
 * @module
 */
import { type ClerkError, invalidParameter, notSimulated } from "./errors.ts";

/** How many values a repeated parameter may have. */
const REPEATS = 100;

/**
 * Reads the page.
 *
 * @param parameters The query string.
 * @returns Limit and offset.
 * @throws {ClerkError} Where one is out of bounds.
 */
export function readPage(parameters: URLSearchParams): { limit: number; offset: number } {
  return {
    limit: readNumber(parameters, "limit", 10, [1, 500]),
    offset: readNumber(parameters, "offset", 0, [0, Number.MAX_SAFE_INTEGER]),
  };
}

/**
 * Refuses what Clerk knows and the simulator does not: passed over, it would make an answer that is wrong.
 *
 * @param parameters The query string.
 * @param known Names that are understood.
 * @throws {ClerkError} Where there is another.
 */
export function refuseOthers(parameters: URLSearchParams, known: readonly string[]): void {
  for (const name of parameters.keys()) {
    if (!known.includes(name)) throw unknownUse(name);
  }
}

function unknownUse(param: string): ClerkError {
  return notSimulated(`The simulator does not know this use of ${param}`, { param });
}

/**
 * Reads `order_by`. A bare `+` of a query string is a space by the time it comes here.
 *
 * @param text A field, with its sign.
 * @param isField Tells whether there is such a field.
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
 * Reads a parameter that may be repeated.
 *
 * @param parameters The query string.
 * @param name The parameter.
 * @returns Its values; undefined if it is missing.
 * @throws {ClerkError} 422 if it is repeated too often.
 */
export function readList(parameters: URLSearchParams, name: string): string[] | undefined {
  const values = parameters.getAll(name);
  if (values.length > REPEATS) throw invalidParameter(name, `${name} may be given ${REPEATS} times`);
  return values.length === 0 ? undefined : values;
}

/**
 * Reads ids that may be repeated. Before an id, `+` is implied; `-`, which leaves one out, is not simulated.
 *
 * @param parameters The query string.
 * @param name The parameter.
 * @returns The ids; undefined if the parameter is missing.
 * @throws {ClerkError} 422 or 501.
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
