/** Tests the rights of each actor: runs the pgTAP files of `supabase/tests` like `supabase test db`. */
import { PGlite } from "@electric-sql/pglite";
import { pgtap } from "@electric-sql/pglite-pgtap";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { migrate, type PlatformFile, readPlatform } from "../../project/database/database.ts";
import { ROOT } from "../../project/root.ts";
import { packedOnce } from "../helpers/database/embedded.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { tapFailures } from "../helpers/database/tap.ts";

const FOLDER = new URL("supabase/tests/", ROOT);
const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) => name.endsWith(".sql")).sort();

/** Opens a separate PGlite, because pgTAP needs a newer one than `@supabase/lite` has. */
async function openWithPgtap(platform: readonly PlatformFile[]): Promise<PGlite> {
  const madeBy = [import.meta.resolve("@electric-sql/pglite"), import.meta.resolve("@electric-sql/pglite-pgtap")];
  const loadDataDir = await packedOnce({ name: `pgtap-${platform.length}`, madeBy }, () => packWithPgtap(platform));
  return await PGlite.create({ extensions: { pgtap }, loadDataDir });
}

async function packWithPgtap(platform: readonly PlatformFile[]): Promise<Blob> {
  const database = await PGlite.create({ extensions: { pgtap } });
  for (const name of platform) await database.exec(await readPlatform(name));
  await migrate({
    script: (sql) => database.exec(sql),
    query: async (sql) => (await database.query<Record<string, unknown>>(sql)).rows,
  });
  await database.exec("create extension pgtap with schema extensions");
  const packed = await database.dumpDataDir("gzip");
  await database.close();
  return packed;
}

/** Runs a file; returns the output of psql without headings. */
async function run(database: PGlite, sql: string): Promise<string[]> {
  try {
    const results = await database.exec(sql, { rowMode: "array" });
    const values = results.flatMap(({ rows }) => (rows as unknown as unknown[][]).map((row) => row.join("|")));
    return values.flatMap((value) => value.split("\n"));
  } finally {
    // A file that raised an error has not ended its transaction.
    await database.exec("rollback");
  }
}

for (
  const [platform, sqlOfPlatform] of [
    ["if the platform grants everything", ["platform.sql", "hosted_defaults.sql"]],
    ["if the platform grants nothing", ["platform.sql"]],
  ] as const
) {
  let opened: Promise<PGlite> | undefined;
  const test = testsOf("supabase/tests/");
  for (const file of files) {
    test(`${file} passes ${platform}`, async () => {
      const database = await (opened ??= openWithPgtap(sqlOfPlatform));
      const sql = await Deno.readTextFile(new URL(file, FOLDER));
      const failures = tapFailures(await run(database, sql));
      assert(failures.length === 0, `${file}:\n${failures.join("\n")}`);
    });
  }
}

Deno.test("supabase/tests has files, each one transaction that is rolled back", async () => {
  assert(files.length > 0);
  for (const file of files) {
    const sql = await Deno.readTextFile(new URL(file, FOLDER));
    assertMatch(sql, /^(--.*\n)+\nbegin;\n/, file);
    assertMatch(sql, /\nselect \* from finish\(\);\nrollback;\n$/, file);
    assertEquals(sql.match(/^(begin|commit|rollback);/gm), ["begin;", "rollback;"], file);
  }
});

Deno.test("a TAP output passes only if it matches its plan", () => {
  assertEquals(tapFailures(["1..2", "ok 1 - a", "", "ok 2 - b"]), []);
  assertEquals(tapFailures(["1..2", "ok 1 - a", "not ok 2 - b", "# Failed", "#  have: 1"]), [
    "not ok 2 - b",
    "# Failed",
    "#  have: 1",
  ]);
  assertEquals(tapFailures(["1..2", "ok 1 - a"]), ["planned 2 assertions, ran 1"]);
  assertEquals(tapFailures(["1..1", "ok 1 - a", "ok 2 - b"]), ["planned 1 assertions, ran 2"]);
  assertEquals(tapFailures(["ok 1 - a"]), ["0 plans, not one"]);
  assertEquals(tapFailures(["1..2", "ok 1 - a", "ok 3 - b"]), ["assertion 2 has number 3"]);
  assertEquals(tapFailures(["1..0"]), ["no assertion ran"]);
  assertEquals(tapFailures([]), ["0 plans, not one", "no assertion ran"]);
});
