/**
 * `/tables.json`: the tables of the schema `public` and the rows of one, for the demo page. It reads as the owner,
 * without row level security, in a transaction that cannot write; the hosted platform has nothing like it.
 *
 * @module
 */
import type { Database } from "../../project/database/connection.ts";

/** The first rows of a table. Every value is text, shortened. */
export interface TableView {
  name: string;
  columns: string[];
  rows: Array<Array<string | null>>;
  /** The number of rows, or `COUNT_LIMIT` if there are more. */
  count: number;
  hasMore: boolean;
}

/** More rows than anyone looks at. */
const ROW_LIMIT = 100;
const COLUMN_LIMIT = 60;
/** Characters of a value. */
const VALUE_LENGTH = 200;
/** Up to so many rows are counted and sorted: in a huge table, both would take long. */
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
 * Answers for the tables.
 *
 * @param read Runs a query that cannot write.
 * @param query The request's: `table` for the rows of one, nothing for the names of all.
 * @returns The names, the rows, or 404.
 */
export async function serveTables(read: Database["read"], query: URLSearchParams): Promise<Response> {
  const tables = (await read(LIST_TABLES)).map(({ name }) => String(name));
  const name = query.get("table");
  if (name === null) return answer({ tables });
  if (!tables.includes(name)) return answer({ message: "The schema public has no such table" }, 404);
  return answer(await readTable(read, name));
}

async function readTable(read: Database["read"], name: string): Promise<TableView> {
  const columns = (await read(LIST_COLUMNS, [name])).map((column) => String(column.name));
  const table = `public.${quote(name)}`;
  const [counted] = await read(
    `select count(*)::int as count from (select from ${table} limit ${COUNT_LIMIT + 1}) one`,
  );
  const count = Number(counted?.count);
  const values = columns.map((column, index) => `left(${quote(column)}::text, ${VALUE_LENGTH + 1}) as c${index}`);
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
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH)} …` : text;
}

function answer(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" } });
}
