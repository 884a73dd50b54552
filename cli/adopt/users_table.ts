/**
 * Whether a project makes what the bundle's migrations make.
 *
 * @module
 */
import type { Migration } from "../../project/migrations.ts";

const NAME = String.raw`(?:"?public"?\s*\.\s*)?"?users"?(?![\w".])`;
const TAKEN = new RegExp(
  String.raw`\b(?:(create)(?:\s+or\s+replace)?(?:\s+unlogged|\s+materialized)?\s+(?:table|view)` +
    String.raw`(?:\s+if\s+not\s+exists)?\s+${NAME}` +
    String.raw`|drop\s+(?:table|view)(?:\s+if\s+exists)?\s+${NAME}` +
    String.raw`|alter\s+table(?:\s+if\s+exists)?(?:\s+only)?\s+${NAME}\s+(?:rename\s+to|set\s+schema)\b)`,
  "gi",
);
const SCHEMA = /\bcreate\s+schema(?:\s+if\s+not\s+exists)?\s+"?clerk"?(?![\w"])/i;

/** What is in the way. */
export interface Obstacle {
  migration: Migration;
  what: "public.users" | "the schema clerk";
}

/**
 * Looks through a project's migrations for a table `users` in `public`, and for a schema `clerk`. A table that is
 * renamed, moved or dropped before the bundle's first migration is out of the way.
 *
 * @param migrations The project's own, in their order.
 * @param first The version of the bundle's first migration.
 * @returns The first that is in the way; undefined where there is none.
 */
export function findObstacle(migrations: readonly Migration[], first: string): Obstacle | undefined {
  let users: Migration | undefined;
  for (const migration of migrations) {
    const sql = migration.sql.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/--.*$/gm, "");
    if (SCHEMA.test(sql)) return { migration, what: "the schema clerk" };
    // What comes behind the bundle's own is too late.
    if (users && migration.version > first) break;
    for (const [, create] of sql.matchAll(TAKEN)) users = create ? migration : undefined;
  }
  return users && { migration: users, what: "public.users" };
}
