import { assertEquals, assertRejects } from "@std/assert";
import { findSchemaFiles } from "../../../../cli/adopt/schema_files.ts";
import { CommandError } from "../../../../project/errors.ts";

const FILES = ["schemas/b/100%.sql", "schemas/a.sql", "migrations/1_x.sql", "db/2.sql", "db/1.sql", "db/x/3.sql"];

async function find(config: string): Promise<string[]> {
  const files = FILES.map((path) => `supabase/${path}`);
  const list = (folder: string) => Promise.resolve(files.filter((path) => path.startsWith(folder)));
  return (await findSchemaFiles(config, list)).map((path) => path.replace("supabase/", ""));
}

Deno.test("findSchemaFiles() finds supabase/schemas with its folders unless schema_paths names files", async () => {
  for (const config of ["", "[db.migrations]\nschema_paths = []\n", "db = 1\n"]) {
    assertEquals(await find(config), ["schemas/a.sql", "schemas/b/100%.sql"]);
  }
});

Deno.test("findSchemaFiles() finds the files of schema_paths in order, without migrations", async () => {
  const paths = '["./migrations/*.sql", "./db/2.sql", "db/*.sql", "../supabase/schemas/**/*.sql", "./none/*.sql"]';
  assertEquals(await find(`[db.migrations]\nschema_paths = ${paths}\n`), [
    "db/2.sql",
    "db/1.sql",
    "schemas/a.sql",
    "schemas/b/100%.sql",
  ]);
});

Deno.test("findSchemaFiles() matches shell patterns exactly", async () => {
  for (
    const [pattern, found] of [
      ["./db/?.sql", ["db/1.sql", "db/2.sql"]],
      ["./db/[!1].sql", ["db/2.sql"]],
      ["./{db,schemas}/*.sql", ["db/1.sql", "db/2.sql", "schemas/a.sql"]],
      ["./**/3.sql", ["db/x/3.sql"]],
      ["./db/1xsql", []],
      ["./schemas/b/100%.sql", ["schemas/b/100%.sql"]],
    ] as const
  ) assertEquals(await find(`[db.migrations]\nschema_paths = ["${pattern}"]\n`), [...found], pattern);
});

Deno.test("findSchemaFiles() refuses a file that is not TOML, and does not quote it", async () => {
  const error = await assertRejects(() => find('password = "leak'), CommandError);
  assertEquals(error.message, "Cannot read supabase/config.toml: it is not valid TOML");
});
