/**
 * Pages of lists, newest first: reads the requested page and writes the cursor of the next one.
 *
 * @module
 */
import { invalidField } from "./fields.ts";

/** The item after which a page begins, in the order of the list. */
export interface Position {
  createdAt: string;
  id: string;
}

/** A page of a list. */
export interface Page {
  /** 1 to 100. */
  limit: number;
  after: Position | undefined;
}

/** Largest number of items of a page. */
export const MAX_PAGE_SIZE = 100;
/** Number of items of a page unless the request gives `limit`. */
export const DEFAULT_PAGE_SIZE = 20;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A time in the format of the Data API. The groups are year, month and day. */
const INSTANT =
  /^([1-9]\d{3})-(0[1-9]|1[0-2])-(\d\d)[T ]([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,6})?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)$/;

/**
 * Reads the requested page from a list's URL.
 *
 * @param url With `limit` and `cursor`, both optional.
 * @returns The page.
 * @throws {ApiError} `FIELD_INVALID` with the field.
 *
 * @example
 * ```ts
 * import { readPage } from "./page.ts";
 *
 * const { limit, after } = readPage(new URL("https://example.com/notes?limit=10"));
 * if (limit !== 10 || after !== undefined) throw new Error();
 * ```
 */
export function readPage({ searchParams }: URL): Page {
  const limit = searchParams.get("limit") ?? String(DEFAULT_PAGE_SIZE);
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_PAGE_SIZE) {
    throw invalidField("limit", `must be a number from 1 to ${MAX_PAGE_SIZE}`);
  }
  const cursor = searchParams.get("cursor");
  return { limit: Number(limit), after: cursor === null ? undefined : readCursor(cursor) };
}

/**
 * Writes the cursor of the page after an item.
 *
 * @param position The last item of a page.
 * @returns Text for a URL. Its format may change.
 *
 * @example
 * ```ts
 * import { readPage, writeCursor } from "./page.ts";
 *
 * const last = { createdAt: "2026-11-23T09:33:00.005+00:00", id: "0c5d3d04-3c1f-4f0a-9a51-3f3a5d5c6c1e" };
 * const { after } = readPage(new URL(`https://example.com/notes?cursor=${writeCursor(last)}`));
 * if (after?.id !== last.id) throw new Error();
 * ```
 */
export function writeCursor({ createdAt, id }: Position): string {
  return btoa(`${createdAt} ${id}`).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * Returns whether text has the form of a row's id. Other text cannot match a row.
 *
 * @param text A part of the path.
 * @returns True for a uuid.
 *
 * @example
 * ```ts
 * import { isUuid } from "./page.ts";
 *
 * if (!isUuid("0c5d3d04-3c1f-4f0a-9a51-3f3a5d5c6c1e") || isUuid("7")) throw new Error();
 * ```
 */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The result becomes part of a filter, so only a time and a uuid are accepted. */
function readCursor(cursor: string): Position {
  const [, createdAt = "", id = ""] = /^(.*) (\S+)$/.exec(decode(cursor)) ?? [];
  if (!isInstant(createdAt) || !isUuid(id)) throw invalidField("cursor", "must be a next_cursor that a list returned");
  return { createdAt, id };
}

/** True for a time that PostgreSQL accepts. Excludes dates such as 30 February. */
function isInstant(text: string): boolean {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
}

function decode(cursor: string): string {
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}
