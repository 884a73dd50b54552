/** docs/performance.md shows the recorded measurements. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readReport } from "../../bench/report.ts";
import { ROOT } from "../../project/root.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

Deno.test("docs/performance.md has the tables and images made from docs/performance.json", async () => {
  const { page, images } = await readReport();
  assertEquals(await read("docs/performance.md"), page);
  assert(images.size > 3);
  for (const [file, image] of images) {
    assertEquals(await read(`docs/images/${file}`), image);
    assertStringIncludes(page, `](images/${file})`);
  }
});
