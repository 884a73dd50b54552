/** `deno task check:deploy` with the real Supabase CLI and the Edge Runtime's Deno. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ROOT } from "../../project/root.ts";
import { checkBundles } from "../../tools/deploy/check_bundles.ts";
import { checkProject } from "../../tools/deploy/check_project.ts";
import { configArguments } from "../../project/jsr/config.ts";
import { GOOD, plant, type PlantedFunction } from "../helpers/project/planted.ts";

/** A function that answers with the value of an expression. */
const answering = (before: string, value: string): PlantedFunction => ({
  index: `${before}\nexport default { fetch: () => new Response(String(${value})) };\n`,
});

/** Functions with one fault each, and the finding for it. */
const FAULTS: Record<string, [PlantedFunction, RegExp]> = {
  "missing-import": [
    answering('import { GONE } from "./gone.ts";', "GONE"),
    /^The CLI says: WARN: .*missing-import\/gone\.ts/,
  ],
  "hidden-import": [
    // The CLI finds imports with a regular expression that does not match this form.
    {
      ...answering('import first, {\n  SECOND,\n} from "./both.ts";', "first + SECOND"),
      files: { "both.ts": "export default 1;\nexport const SECOND = 2;\n" },
    },
    /^hidden-import does not pass under Deno 2\.1\.4.*hidden-import\/both\.ts/,
  ],
  "short-import": [
    { ...answering('import{A}from"./a.ts";', "A"), files: { "a.ts": "export const A = 1;\n" } },
    /^short-import does not pass .*short-import\/a\.ts/,
  ],
  "bare-import": [answering('import unknown from "unknown";', "unknown"), /^bare-import does not pass .*"unknown"/],
  "whole-folder": [
    { index: GOOD, config: { imports: { "@/": "../../../" } } },
    /^whole-folder uploads \.env, .* and \d+ more, which it does not need/,
  ],
  "commented-import": [
    { ...answering('// import { OLD } from "./old.ts";', "1"), files: { "old.ts": "export const OLD = 1;\n" } },
    /^commented-import uploads supabase\/functions\/commented-import\/old\.ts, which/,
  ],
  gateway: [{ index: GOOD, settings: "verify_jwt = true" }, /^gateway: the gateway would check tokens/],
  unsaid: [{ index: GOOD, settings: "" }, /^unsaid: the upload does not set verify_jwt/],
  "newer-api": [
    answering("", 'Uint8Array.fromBase64("aaaa")'),
    /does not pass under Deno 2\.1\.4.*newer-api\/index\.ts:2: Property 'fromBase64' does not exist/,
  ],
  "newer-import": [
    { ...answering('import text from "./a.txt" with { type: "text" };', "text"), files: { "a.txt": "text" } },
    /^newer-import does not pass .*"text" is unsupported/,
  ],
};

Deno.test("this project's functions are complete after a deployment, as sources and as bundles", async () => {
  const [sources, bundles] = [await checkProject(ROOT), await checkBundles()];
  assert(sources.names.length > 0);
  assertEquals(sources.findings, []);
  assertEquals(bundles, sources);
});

Deno.test("the check of a deployment finds each fault, only in its function, and leaves no files", async () => {
  const faulty = Object.entries(FAULTS).map(([name, [planted]]) => [name, planted]);
  const folder = await plant({ good: { index: GOOD }, ...Object.fromEntries(faulty) });
  try {
    const { names, findings } = await checkProject(folder);
    assertEquals(names.length, Object.keys(FAULTS).length + 1);
    const text = findings.join("\n");
    for (const [name, [, expected]] of Object.entries(FAULTS)) {
      assert(findings.some((finding) => expected.test(finding)), `${name} is not among these:\n${text}`);
    }
    assertEquals(findings.filter((finding) => /\bgood\b/.test(finding)), []);
    const inSupabase = [];
    for await (const { name } of Deno.readDir(new URL("supabase/", folder))) inSupabase.push(name);
    assertEquals(inSupabase.sort(), ["config.toml", "functions"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("deno task check:deploy fails for a function without its entry point, and names it", async () => {
  const folder = await plant({ good: { index: GOOD }, removed: { index: "" } });
  try {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ...await configArguments(), "tools/deploy/check.ts", folder.pathname],
      cwd: ROOT,
    }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 1, text);
    assertStringIncludes(text, "removed was not deployed.");
    assertMatch(text, /^ {2}The CLI ends with 1: /m);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
