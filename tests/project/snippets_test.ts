/**
 * The fenced code of the documentation works. Code that another test reads with `documentedCode()` runs in that test.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseDocument } from "yaml";
import type { Owner } from "../../project/database/database.ts";
import { configArguments } from "../../project/jsr/config.ts";
import { type Block, readPages } from "../helpers/project/markdown.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { ROOT } from "../../project/root.ts";
import { filesBelow } from "../../project/repository_files.ts";
import { testsOf } from "../helpers/shared_test.ts";

/** A fenced code block with its page. */
interface Snippet extends Block {
  page: string;
}

const snippets: Snippet[] = (await readPages()).flatMap(({ path, blocks }) =>
  blocks.map((block) => ({ ...block, page: path }))
);
const inLanguage = (language: string) => snippets.filter((snippet) => snippet.language === language);

/** Code that other tests run, by its page and a part of the code. */
async function takenElsewhere(): Promise<Array<{ page: string; part: string }>> {
  const files = [...await filesBelow("tests/", "_test.ts"), ...await filesBelow("tests/helpers/", ".ts")];
  const sources = await Promise.all(files.map((file) => Deno.readTextFile(new URL(file, ROOT))));
  return sources.flatMap((source) => [...source.matchAll(/\bdocumentedCode\(\s*"([^"]+)",\s*"([^"]+)",?\s*\)/g)])
    .map(([, page, part]) => ({ page: page!, part: part! }));
}

const taken = await takenElsewhere();
/** Code of an app in examples/, which examples_test.ts compares with its file, and the app's own tests run. */
const isOfExample = ({ code }: Snippet) => code.startsWith("// examples/");
const runsElsewhere = ({ page, code }: Snippet) => taken.some((one) => one.page === page && code.includes(one.part));

Deno.test("every fenced code block is in a checked language, or runs in another test", () => {
  assert(snippets.length > 25);
  // GitHub renders mermaid. markdown_test.ts compares the layout, which has no language, with the folders.
  const checked = ["sh", "json", "sql", "ts", "yaml", "mermaid"];
  const left = snippets.filter((one) => !checked.includes(one.language) && !isOfExample(one) && !runsElsewhere(one));
  assertEquals(left.map(({ page, language }) => [page, language]), [["CONTRIBUTING.md", ""]]);
});

Deno.test("the documentation's JSON and YAML can be parsed", () => {
  assert(inLanguage("yaml").length > 0);
  for (const { code } of inLanguage("json")) JSON.parse(code);
  assertEquals(inLanguage("yaml").flatMap(({ code }) => parseDocument(code).errors), []);
});

/** Returns bash's syntax errors of a command. `<name>` is a placeholder for a value. */
async function shellFault(code: string): Promise<string> {
  const command = code.replaceAll(/<[\w -]+>/g, "placeholder");
  const { stderr } = await new Deno.Command("bash", { args: ["-n", "-c", command] }).output();
  return new TextDecoder().decode(stderr).trim();
}

Deno.test("the documentation's shell commands, and those of its workflow, have no syntax error", async () => {
  const steps = inLanguage("yaml").flatMap(({ code }) => [...code.matchAll(/^ *- run: (.*)$/gm)]);
  const commands = [...inLanguage("sh").map(({ code }) => code), ...steps.map(([, command]) => command!)];
  assert(steps.length > 0 && commands.length > 10);
  assertEquals((await Promise.all(commands.map(shellFault))).filter((fault) => fault !== ""), []);
  assertMatch(await shellFault("if true; then"), /syntax error/);
});

/** Runs a statement in a transaction that is rolled back; returns its error, or an empty string. */
async function sqlFault(database: Owner, code: string): Promise<string> {
  try {
    await database.script("begin");
    await database.script(code);
    return "";
  } catch (error) {
    return (error as Error).message;
  } finally {
    await database.script("rollback");
  }
}

testsOf("")("the documentation's SQL runs after the migrations", async () => {
  const database = await openMigrated();
  try {
    const ours = inLanguage("sql").filter((one) => !runsElsewhere(one));
    assert(ours.length > 2);
    for (const { page, code } of ours) assertEquals(await sqlFault(database, code), "", `${page}: ${code}`);
    assertMatch(await sqlFault(database, "select gone from public.users"), /column "gone" does not exist/);
  } finally {
    await database.close();
  }
});

/** Declarations of a front end, for code that is a part of one. */
const FRONT_END = `declare const SUPABASE_URL: string, SUPABASE_PUBLISHABLE_KEY: string;
declare const Clerk: { session?: { getToken(options?: { skipCache?: boolean }): Promise<string | null> } | null };
`;

/** Returns TypeScript with its path: the comment in its first line, or else a file of a front end. */
function asFile(code: string, index: number): [path: string, source: string] {
  const [, path] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? [];
  return path ? [path, code] : [`front_end_${index}.ts`, FRONT_END + code];
}

/** Checks the types of files as if they were in the project; returns the output of `deno check`. */
async function checkTypes(files: ReadonlyMap<string, string>): Promise<string> {
  // Below the root, so that the project's compiler options apply.
  await Deno.mkdir(new URL(".cache/", ROOT), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: new URL(".cache/", ROOT).pathname, prefix: "snippets-" });
  // An import of a file that the documentation does not have is an import of the project's own file.
  const resolve = (specifier: string, from: string) => {
    const { href } = new URL(specifier, new URL(from, ROOT));
    return files.has(href.slice(ROOT.href.length)) ? specifier : href;
  };
  try {
    for (const [path, source] of files) {
      const text = source.replaceAll(/(?<=\bfrom ")\.[^"]+/g, (specifier) => resolve(specifier, path));
      await Deno.mkdir(new URL(".", `file://${folder}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    const args = ["check", ...await configArguments(), ...[...files.keys()].map((path) => `${folder}/${path}`)];
    const { stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env: { NO_COLOR: "1" } }).output();
    return new TextDecoder().decode(stderr).replaceAll(`file://${folder}/`, "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the documentation's TypeScript has the right types", async () => {
  // Clerk's SDKs are packages of apps, not of the project.
  const ofApp = (one: Snippet) => isOfExample(one) || (one.code.includes('from "@clerk/') && runsElsewhere(one));
  const ours = inLanguage("ts").filter((one) => !ofApp(one)).map(({ code }) => code);
  assert(ours.length > 2);
  // Faults that the check must find, in the same run, because starting it takes long.
  const planted = [
    '// planted/front_end.ts\nimport { createClient } from "@supabase/supabase-js";\nconst a: number = createClient;',
    '// supabase/functions/planted/handler.ts\nimport { gone } from "../_clerk-supabase/config.ts";\n',
  ];
  const report = await checkTypes(new Map([...ours, ...planted].map(asFile)));
  const faults = [...report.matchAll(/^ +at (\S+):\d+:\d+$/gm)].map(([, path]) => path!);
  assertEquals(faults.sort(), ["planted/front_end.ts", "supabase/functions/planted/handler.ts"], report);
});
