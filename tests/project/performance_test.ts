/** docs/performance.md and its pictures are what the kept results give. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { drawBars, makeReport, readReport, type Results } from "../../bench/report.ts";
import { ROOT } from "../helpers/project_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

Deno.test("docs/performance.md has the tables and pictures of the run that docs/performance.json keeps", async () => {
  const { page, images } = await readReport();
  assertEquals(await read("docs/performance.md"), page);
  assert(images.size > 3);
  for (const [file, image] of images) {
    assertEquals(await read(`docs/images/${file}`), image);
    assertStringIncludes(page, `](images/${file})`);
  }
});

Deno.test("a report needs a place for its tables, and a table for each picture", () => {
  const results: Results = { functions: { date: "2026-11-23", machine: "one", tables: [] } };
  const homeless = assertThrows(() => makeReport(results, "# A page\n"), Error);
  assertStringIncludes(homeless.message, "no place for them");
  const page = "<!-- results: here -->\n<!-- end of the results -->\n";
  assertStringIncludes(assertThrows(() => makeReport(results, page), Error).message, "no table begins with");
});

Deno.test("bars are as long as their values, and their labels are text", () => {
  const svg = drawBars("a < b", [{ label: '"x" & y', value: 50, ours: true }, { label: "z", value: 100, ours: false }]);
  const widths = [...svg.matchAll(/<rect .*? width="([\d.]+)"/g)].map(([, width]) => Number(width));
  assertEquals(widths[1]! / widths[0]!, 2);
  assertStringIncludes(svg, "&quot;x&quot; &amp; y");
  assertStringIncludes(svg, ">a &lt; b<");
});
