/** Several functions take the same advisory locks, so each class of locks must have one number in all migrations. */
import { assertEquals } from "@std/assert";
import { readMigrations } from "../../project/migrations.ts";

/** Finds the classes that SQL names: as a constant, or as a number in a call with the name in a comment behind it. */
function findClasses(sql: string): [name: string, number: string][] {
  const constants = sql.matchAll(/\b(\w+_locks) constant integer := (\d+);/g);
  const calls = sql.matchAll(/advisory_xact_lock\((\d+), .+\) -- (\w+_locks)$/gm);
  return [
    ...[...constants].map(([, name, number]): [string, string] => [name, number]),
    ...[...calls].map(([, number, name]): [string, string] => [name, number]),
  ];
}

async function readSql(): Promise<string> {
  return (await readMigrations()).map(({ sql }) => sql).join("\n");
}

Deno.test("each class of advisory locks has one name and one number in all migrations", async () => {
  const pairs = new Set(findClasses(await readSql()).map((pair) => pair.join(" ")));
  assertEquals([...pairs].sort(), [
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
