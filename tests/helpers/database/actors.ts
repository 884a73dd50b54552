/**
 * Runs SQL as a signed-in caller.
 *
 * @module
 */
import { assertRejects, assertStringIncludes } from "@std/assert";
import type { MigratedDatabase } from "../migrated.ts";

/** Functions that run statements as a caller. */
export interface Caller {
  /** Runs statements with claims, and returns the first column of the last one. */
  as: (claims: Record<string, unknown>, ...statements: string[]) => Promise<unknown[]>;
  /** Requires that row level security rejects a statement. */
  requireRejection: (claims: Record<string, unknown>, statement: string) => Promise<void>;
}

/** Returns functions for a test that queries as different callers. */
export function createCaller({ query, script }: MigratedDatabase): Caller {
  const as: Caller["as"] = async (claims, ...statements) => {
    const text = JSON.stringify({ role: "authenticated", ...claims }).replaceAll("'", "''");
    await script(`set role authenticated; set request.jwt.claims = '${text}'`);
    try {
      let rows: Array<Record<string, unknown>> = [];
      for (const statement of statements) rows = await query(statement);
      return rows.map((row) => Object.values(row)[0]);
    } finally {
      await script("reset role");
    }
  };
  return {
    as,
    requireRejection: async (claims, statement) => {
      const { message } = await assertRejects(() => as(claims, statement), Error);
      assertStringIncludes(message, "new row violates row-level security policy", JSON.stringify(claims));
    },
  };
}
