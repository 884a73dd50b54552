/**
 * Own columns: columns that an adopter added to `public.users`, each with a function that reads Clerk's user. This
 * module calls those functions; `clerk_columns.ts`, beside the functions' folders, contains them.
 *
 * @module
 */
import type { Json } from "../formats/json.ts";
import type { Database } from "../database/types.ts";
import { digitsOf } from "../formats/exact_json.ts";
import { STORABLE_DEPTH, storableText, storableValue } from "../formats/storable.ts";
import type { ClerkUser } from "./user.ts";

/** Reads the value of one column. `undefined` leaves the column unchanged; `null` empties it. */
export type OwnColumn = (user: ClerkUser) => Json | undefined;

/** The bundle's own columns: no own column can have one of these names. */
type BaseColumn = keyof Database["public"]["Tables"]["users"]["Row"];

/** A function for each own column. The name of a base column is a compile error, and the database refuses it too. */
export type OwnColumns = { readonly [column: string]: OwnColumn } & { readonly [column in BaseColumn]?: never };

/** The own columns in a change: their values, or the name of the column whose function failed. */
export type OwnPart =
  | { own: Record<string, Json> }
  | { problem: "OWN_COLUMN_INVALID"; detail: { column: string } };

/** Reads all own columns of a user object. Never throws. */
export type MapOwnColumns = (user: Record<string, unknown>) => OwnPart;

/**
 * Creates the mapping of own columns.
 *
 * @param columns The export of `clerk_columns.ts`.
 * @returns The mapping; undefined without own columns. If a function throws or returns a value that is not JSON, the
 * result names its column, and the database refuses the user's change.
 *
 * @example
 * ```ts
 * import { createOwnColumnsMapping } from "./own_columns.ts";
 *
 * const mapOwn = createOwnColumnsMapping({
 *   external_id: (user) => user.external_id,
 *   shout: (user) => user.id.toUpperCase(),
 * });
 * const { own } = mapOwn!({ id: "user_ada", external_id: "7" }) as { own: Record<string, unknown> };
 * if (own.external_id !== "7" || own.shout !== "USER_ADA") throw new Error();
 * if (createOwnColumnsMapping({}) !== undefined) throw new Error();
 * ```
 */
export function createOwnColumnsMapping(columns: OwnColumns): MapOwnColumns | undefined {
  const entries: Array<[string, OwnColumn]> = Object.entries(columns);
  if (entries.length === 0) return undefined;
  return (user) => {
    const own: Record<string, Json> = {};
    for (const [column, read] of entries) {
      const value = tryToRead(read, user);
      if (value === NOT_JSON) return { problem: "OWN_COLUMN_INVALID", detail: { column: storableText(column) } };
      if (value !== undefined) own[storableText(column)] = storableValue(value);
    }
    return { own };
  };
}

const NOT_JSON = Symbol("not JSON");

/** Drops any error, because its message may quote the user. */
function tryToRead(read: OwnColumn, user: Record<string, unknown>): unknown {
  try {
    const value: unknown = read(user as Record<string, unknown> & ClerkUser);
    return value === undefined || isJson(value) ? value : NOT_JSON;
  } catch {
    return NOT_JSON;
  }
}

/** A date, a promise or an instance of a class is not JSON: it would be written differently than its author expects. */
function isJson(value: unknown, above: readonly unknown[] = []): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || above.includes(value)) return false;
  // storableValue() writes null at a greater depth.
  if (digitsOf(value) !== undefined || above.length > STORABLE_DEPTH) return true;
  const isList = Array.isArray(value);
  if (!isList && ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return false;
  return Object.values(value).every((item) => (item === undefined && !isList) || isJson(item, [...above, value]));
}
