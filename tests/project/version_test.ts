/** The version has one source, `_shared/version.ts`, and the changelog says what is in it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../supabase/functions/_shared/version.ts";
import { DOCUMENT } from "../helpers/openapi.ts";
import { ROOT } from "../helpers/project_files.ts";

const changelog = await Deno.readTextFile(new URL("CHANGELOG.md", ROOT));

/** The headings of the releases, the newest first; `Unreleased` may stand before them. */
const releases = [...changelog.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!).filter((heading, index) =>
  index > 0 || heading !== "[Unreleased]"
);

Deno.test("the newest release of CHANGELOG.md is the version", () => {
  assertEquals(/^\[(.*)\] - \d{4}-\d{2}-\d{2}$/.exec(releases[0] ?? "")?.[1], VERSION);
});

Deno.test("CHANGELOG.md is in the form of Keep a Changelog, the newest release first", () => {
  for (const heading of releases) assertMatch(heading, /^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/);
  const dates = releases.map((heading) => heading.slice(-10));
  assertEquals(dates, dates.toSorted().reverse());
  const kinds = [...changelog.matchAll(/^### (.*)$/gm)].map(([, kind]) => kind!);
  assert(kinds.length > 0);
  for (const kind of kinds) assertMatch(kind, /^(Added|Changed|Deprecated|Removed|Fixed|Security)$/);
});

Deno.test("the OpenAPI document has the version", () => {
  assertEquals(DOCUMENT.info.version, VERSION);
});

Deno.test("the pre-commit hook runs the same Deno as CI, where there is none", async () => {
  const versionIn = async (path: string) =>
    /deno@([\d.]+)/.exec(await Deno.readTextFile(new URL(path, ROOT)))?.[1] ?? path;
  assertEquals(await versionIn(".githooks/pre-commit"), await versionIn(".ci/run"));
});
