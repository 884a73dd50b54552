/** Tests the packed files that the tests' embedded databases start from. */
import { assertEquals } from "@std/assert";
import { readMigrations } from "../../project/migrations.ts";
import { openEmbedded, packedOnce } from "../helpers/database/embedded.ts";
import { testsOf } from "../helpers/shared_test.ts";

/** Runs a test with a folder for packed files; `pack` returns 1, 2, 3 … as files. */
async function withFolder(run: (folder: URL, pack: () => Promise<Blob>) => Promise<void>): Promise<void> {
  const folder = new URL(`file://${await Deno.makeTempDir()}/`);
  let packed = 0;
  try {
    await run(folder, () => Promise.resolve(new Blob([String(++packed)])));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const textsOf = (blobs: readonly Blob[]) => Promise.all(blobs.map((blob) => blob.text()));

Deno.test("packedOnce() packs once for all concurrent and later callers", () =>
  withFolder(async (folder, pack) => {
    const ask = () => packedOnce({ name: "some", madeBy: ["v1"] }, pack, folder);
    assertEquals(await textsOf(await Promise.all([ask(), ask(), ask()])), ["1", "1", "1"]);
    assertEquals(await (await ask()).text(), "1");
  }));

Deno.test("packedOnce() packs again for another version of a package, and removes the files of the older one", () =>
  withFolder(async (folder, pack) => {
    const ask = (version: string) => packedOnce({ name: "some", madeBy: [version] }, pack, folder);
    assertEquals(await textsOf([await ask("v1"), await ask("v2")]), ["1", "2"]);
    const files = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assertEquals(files.filter((name) => name.endsWith(".gz")).length, 1, files.join());
  }));

Deno.test("packedOnce() keeps nothing of a pack that failed", () =>
  withFolder(async (folder, pack) => {
    const ask = (pack: () => Promise<Blob>) => packedOnce({ name: "some", madeBy: [] }, pack, folder);
    assertEquals(await ask(() => Promise.reject(new Error("full"))).catch((error) => error.message), "full");
    assertEquals(await (await ask(pack)).text(), "1");
  }));

testsOf("")("an embedded database that starts from packed files has each migration once", async () => {
  const database = await openEmbedded();
  const rows = await database.query("select version from supabase_migrations.schema_migrations order by version");
  assertEquals(rows.map(({ version }) => version), (await readMigrations()).map(({ version }) => version));
  await database.close();
});
