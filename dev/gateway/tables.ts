/**
 * `GET /tables.json`: lists the tables of the schema `public` and the rows of one, for the demo page. It reads as the
 * owner, without row level security, in a read-only transaction. The hosted platform has no such route.
 *
 * @module
 */
import type { Database } from "../../project/database/connection.ts";

/** The first rows of a table. Every value is shortened text. */
export interface TableView {
  name: string;
  columns: string[];
  rows: Array<Array<string | null>>;
  /** The number of rows, or `COUNT_LIMIT` if there are more. */
  count: number;
  hasMore: boolean;
}

/** The most rows and columns that are returned. */
const ROW_LIMIT = 100;
const COLUMN_LIMIT = 60;
/** Longer values are cut off. */
const VALUE_LIMIT_CHARACTERS = 200;
/** The most rows that are counted and sorted, because both are slow in a huge table. */
const COUNT_LIMIT = 1_000;

const LIST_TABLES = `
  select relname as name from pg_catalog.pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
  order by relname`;

const LIST_COLUMNS = `
  select attname as name from pg_catalog.pg_attribute
  where attrelid = (
      select oid from pg_catalog.pg_class where relnamespace = 'public'::regnamespace and relname = $1
    ) and attnum > 0 and not attisdropped
  order by attnum
  limit ${COLUMN_LIMIT}`;

/**
 * Answers `GET /tables.json`.
 *
 * @param read Runs a read-only query.
 * @param query The query string: `table` selects the rows of one table; without it, the names of all are returned.
 * @returns The names or the rows; 404 for an unknown table.
 */
export async function serveTables(read: Database["read"], query: URLSearchParams): Promise<Response> {
  const tables = (await read(LIST_TABLES)).map(({ name }) => String(name));
  const name = query.get("table");
  if (name === null) return answer({ tables });
  if (!tables.includes(name)) return answer({ message: "The schema public has no table of this name" }, 404);
  return answer(await readTable(read, name));
}

async function readTable(read: Database["read"], name: string): Promise<TableView> {
  const columns = (await read(LIST_COLUMNS, [name])).map((column) => String(column.name));
  const table = `public.${quote(name)}`;
  const [counted] = await read(
    `select count(*)::int as count from (select from ${table} limit ${COUNT_LIMIT + 1}) one`,
  );
  const count = Number(counted?.count);
  const values = columns.map((column, index) =>
    `left(${quote(column)}::text, ${VALUE_LIMIT_CHARACTERS + 1}) as c${index}`
  );
  const order = count <= COUNT_LIMIT && columns.includes("created_at") ? "order by created_at desc" : "";
  const rows = await read(`select ${values.join(", ") || "null as none"} from ${table} ${order} limit ${ROW_LIMIT}`);
  return {
    name,
    columns,
    rows: rows.map((row) => columns.map((_, index) => shorten(row[`c${index}`]))),
    count: Math.min(count, COUNT_LIMIT),
    hasMore: count > COUNT_LIMIT,
  };
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function shorten(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = String(value);
  return text.length > VALUE_LIMIT_CHARACTERS ? `${text.slice(0, VALUE_LIMIT_CHARACTERS)} …` : text;
}

function answer(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" } });
}
