/**
 * Finds the project's SQL files that use the bundle's database objects, before `remove` deletes anything.
 *
 * @module
 */
import type { SchemaFile } from "./schema_files.ts";

/** An SQL file of the project, and the objects of the bundle that it names. */
export interface Caller {
  /** Relative to the project's folder. */
  path: string;
  /** Such as `caller_user_id()` and `clerk.users`, sorted. */
  names: string[];
}

/** A comment. A `--` in a literal counts as one too, which hides only the rest of its line. */
const COMMENT = /--.*|\/\*[\s\S]*?\*\//g;

/**
 * Finds the files that name a function of the bundle, or an object of its schema `clerk`. Text in function bodies
 * counts, comments do not. Whether a later migration drops the object again is not judged.
 *
 * @param files The project's own migrations and schema files.
 * @param removal The SQL that drops the bundle's objects: it lists the functions.
 * @returns The files in their order; none if no file names one.
 */
export function findCallers(files: readonly SchemaFile[], removal: string): Caller[] {
  const functions = [...removal.matchAll(/^drop function if exists public\.(\w+)\(/gm)].map(([, name]) => name!);
  const called = new RegExp(`\\b(${functions.join("|")})"?\\s*\\(`, "gi");
  return files.flatMap(({ path, sql }) => {
    const code = sql.replaceAll(COMMENT, " ");
    const names = new Set([
      ...[...code.matchAll(called)].map(([, name]) => `${name!.toLowerCase()}()`),
      ...[...code.matchAll(/(?<![\w.])"?clerk"?\s*\.\s*"?(\w+)/gi)].map(([, name]) => `clerk.${name!.toLowerCase()}`),
    ]);
    return names.size === 0 ? [] : [{ path, names: [...names].sort() }];
  });
}

/**
 * Describes the files and what to do about them.
 *
 * @param callers The files.
 * @param migration The migration that drops the bundle's objects.
 * @returns Lines; none if there are no such files.
 */
export function describeCallers(callers: readonly Caller[], migration: string): string[] {
  if (callers.length === 0) return [];
  return [
    "  Drop or change the policies, defaults, views and functions that these files of yours create with objects of the",
    `  bundle, at the top of ${migration}. Skip those that a later migration`,
    "  of yours has dropped. While one is left, the push fails, names it, and changes nothing:",
    ...callers.map(({ path, names }) => `    ${path}: ${names.join(", ")}`),
  ];
}
