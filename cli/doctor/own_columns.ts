/**
 * Compares the own columns in the project's `clerk_columns.ts` with the columns of `public.users`.
 *
 * @module
 */
import { docsPage } from "../../project/docs_page.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { OWN_COLUMNS } from "../../project/adopted/contents.ts";
import { type CheckResult, failed, ok } from "./report.ts";

/** The check's name. */
export const OWN_COLUMNS_CHECK = "own-columns";

/** Every column of `public.users`: the bundle's, the adopter's, or generated. */
export type UserColumns = Record<string, "base" | "own" | "generated">;

/** The names of a project's own columns, or the reason why they cannot be read. */
export type OwnColumnNames = { names: string[]; fault?: never } | { names?: never; fault: string };

/**
 * Reads the names of a project's own columns. It runs the file, because the project's code may compute the names. The
 * doctor's permissions apply: it cannot write files or start programs.
 *
 * @param root The project's folder.
 * @param now The clock, in milliseconds, so that a changed file is read again.
 * @returns The names, or the reason why there are none.
 */
export async function readOwnColumns(root: URL, now: () => number): Promise<OwnColumnNames> {
  try {
    const { ownColumns } = await import(`${new URL(OWN_COLUMNS, root).href}?${now()}`);
    if (isObject(ownColumns)) return { names: Object.keys(ownColumns) };
    return { fault: "does not export an object ownColumns" };
  } catch (error) {
    // The message may quote the file.
    return { fault: `cannot be loaded (${error instanceof Error ? error.name : "an error"})` };
  }
}

/**
 * Compares the names with the table.
 *
 * @param own The names of the own columns.
 * @param columns The columns of `public.users`.
 * @returns The result.
 */
export function judgeOwnColumns({ names, fault }: OwnColumnNames, columns: UserColumns): CheckResult {
  const name = OWN_COLUMNS_CHECK;
  if (names === undefined) {
    const fix = `Compare it with ${docsPage("docs/own-columns-and-events.md")}`;
    return failed(name, `${OWN_COLUMNS} ${fault}: the functions that import it cannot start`, fix);
  }
  if (names.length === 0) return ok(name, `${OWN_COLUMNS} names no columns`);
  const kindOf = (column: string) => Object.hasOwn(columns, column) ? columns[column]! : "missing";
  const wrong = names.filter((column) => kindOf(column) !== "own");
  if (wrong.length === 0) return ok(name, `public.users has ${names.join(", ")}`);
  return failed(
    name,
    `users are refused, because public.users cannot store ${
      wrong.map((column) => `${column} (${REASONS[kindOf(column) as keyof typeof REASONS]})`).join(", ")
    }`,
    `Add missing columns in a migration and push it; remove the others from ${OWN_COLUMNS}`,
  );
}

const REASONS = { missing: "no such column", base: "the bundle writes it", generated: "PostgreSQL writes it" };
