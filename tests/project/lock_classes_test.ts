/** Several functions take the same advisory locks, so each class of locks must have one number in all migrations. */
import { assertEquals } from "@std/assert";
import { readMigrations } from "../../project/migrations.ts";

/**
 * Finds the classes in SQL with their numbers: in constants, and in calls that are followed by a comment with the
 * class.
 */
function findClasses(sql: string): string[] {
  const constants = sql.matchAll(/\b(\w+_locks) constant integer := (\d+);/g);
  const calls = sql.matchAll(/advisory_xact_lock\((\d+), .+\) -- (\w+_locks)$/gm);
  return [
    ...[...constants].map(([, name, number]) => `${name} ${number}`),
    ...[...calls].map(([, number, name]) => `${name} ${number}`),
  ];
}

async function readSql(): Promise<string> {
  return (await readMigrations()).map(({ sql }) => sql).join("\n");
}

Deno.test("each class of advisory locks has one name and one number in all migrations", async () => {
  assertEquals([...new Set(findClasses(await readSql()))].sort(), [
    "address_locks 1664526",
    "membership_locks 1664527",
    "name_locks 1664525",
    "pair_locks 1664528",
  ]);
});

Deno.test("every number of an advisory lock in the migrations has its class beside it", async () => {
  const sql = await readSql();
  const unnamed = sql.split("\n").filter((line) =>
    /advisory\w*lock\w*\(\s*\d/.test(line) && !/ -- \w+_locks$/.test(line)
  );
  assertEquals(unnamed, []);
  assertEquals((sql.match(/\b16645\d\d\b/g) ?? []).length, findClasses(sql).length);
});
