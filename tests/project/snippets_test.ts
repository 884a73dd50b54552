/**
 * Fenced code of the documentation, checked in the way of its language. What other tests take from the documentation and
 * run, by `documentedCode()`, runs there; here it is only found.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseDocument } from "yaml";
import { type Database, openDatabase } from "../../dev/database/database.ts";
import { checkOut } from "../helpers/checkout.ts";
import { type Block, type Page, parsePage, readPages } from "../helpers/markdown.ts";
import { filesBelow, ROOT } from "../helpers/project_files.ts";
import { testsOf } from "../helpers/shared_test.ts";

/** Fenced code, and where it is from. */
interface Snippet extends Block {
  page: string;
}

const snippetsOf = ({ path, blocks }: Page): Snippet[] => blocks.map((block) => ({ ...block, page: path }));
const snippets = (await readPages()).flatMap(snippetsOf);
const inLanguage = (among: readonly Snippet[], ...languages: string[]) =>
  among.filter(({ language }) => languages.includes(language));

/** What other tests take, by page and a part of the code. */
async function takenElsewhere(): Promise<Array<{ page: string; part: string }>> {
  const sources = await Promise.all(
    (await filesBelow("tests/", "_test.ts")).concat(await filesBelow("tests/helpers/", ".ts"))
      .map((file) => Deno.readTextFile(new URL(file, ROOT))),
  );
  const calls = sources.flatMap((
    source,
  ) => [...source.matchAll(/\bdocumentedCode\(\s*"([^"]+)",\s*"([^"]+)",?\s*\)/g)]);
  return calls.map(([, page, part]) => ({ page: page!, part: part! }));
}

const taken = await takenElsewhere();
const runsElsewhere = ({ page, code }: Snippet) => taken.some((one) => one.page === page && code.includes(one.part));

/** A command that is given a text; returns what it complains of. */
async function complaints(command: string, args: string[], input: string, cwd: string | URL = ROOT): Promise<string> {
  const child = new Deno.Command(command, { args, cwd, stdin: "piped", stdout: "null", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stderr } = await child.output();
  return success ? "" : new TextDecoder().decode(stderr).trim();
}

/** `<name>` is for the reader to fill in. */
async function shellFault({ code }: Snippet): Promise<string> {
  return await complaints("bash", ["-n"], code.replaceAll(/<[\w -]+>/g, "placeholder"));
}

/** In a transaction that is rolled back, in a database that has the migrations. */
async function sqlFault(database: Database, { code }: Snippet): Promise<string> {
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

function jsonFault({ code }: Snippet): string {
  try {
    JSON.parse(code);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

/** A workflow of GitHub's: YAML, whose steps run shell commands. */
async function workflowFault({ code, ...snippet }: Snippet): Promise<string> {
  const document = parseDocument(code);
  if (document.errors[0]) return document.errors[0].message;
  const runs = [...code.matchAll(/^ *- run: (.*)$/gm)].map(([, command]) => command!);
  if (runs.length === 0 || document.contents === null) return "no step that runs anything";
  return (await Promise.all(runs.map((command) => shellFault({ ...snippet, code: command })))).join("");
}

/** The form that our flow charts have: a node, an arrow with or without a text, a node. */
function mermaidFault({ code }: Snippet): string {
  const node = String.raw`\w+(?:\[[^\][()]+\]|\[\([^\][()]+\)\])?`;
  const line = new RegExp(`^ +${node} (?:-->|-- "[^"]+" -->|-\\. "[^"]+" \\.->) ${node}$`);
  const [first, ...rest] = code.split("\n");
  if (!/^flowchart (LR|TD)$/.test(first!)) return `unknown chart: ${first}`;
  return rest.filter((text) => !line.test(text)).join("\n");
}

/** What a front end has, where a piece of it is shown. */
const PAGE = `declare const SUPABASE_URL: string, SUPABASE_PUBLISHABLE_KEY: string;
declare const Clerk: { session?: { getToken(): Promise<string | null> } | null };
`;

/**
 * Checks TypeScript in a copy of the project. Code whose first line is a comment with a path is that file; any other is
 * a piece of a front end.
 */
async function typeFaults(among: readonly Snippet[]): Promise<string> {
  const folder = await checkOut();
  try {
    const files = await Promise.all(among.map(async ({ code }, index) => {
      const [, path] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? [];
      const file = path ?? `supabase/functions/snippet_${index}.ts`;
      await Deno.mkdir(new URL(".", `file://${folder}/${file}`), { recursive: true });
      await Deno.writeTextFile(`${folder}/${file}`, path ? code : `${PAGE}${code}`);
      return file;
    }));
    return await complaints(Deno.execPath(), ["run", "-A", "tools/jsr/run.ts", "check", ...files], "", folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const faults = async (among: readonly Snippet[], faultOf: (snippet: Snippet) => string | Promise<string>) => {
  const found = await Promise.all(among.map(async (one) => [`${one.page}: ${one.code}`, await faultOf(one)] as const));
  return found.filter(([, fault]) => fault !== "");
};

Deno.test("fenced code is in a language that is checked, or runs in another test", () => {
  // What has no language is the layout, which markdown_test.ts compares with the folders.
  const checked = ["", "sh", "json", "mermaid", "sql", "ts", "yaml"];
  const left = snippets.filter((one) => !checked.includes(one.language) && !runsElsewhere(one));
  assertEquals(left, []);
  assert(snippets.length > 25);
});

Deno.test("what another test takes of the documentation is there", () => {
  assert(taken.length > 7);
  assertEquals(
    taken.filter(({ page, part }) => !snippets.some((one) => one.page === page && one.code.includes(part))),
    [],
  );
});

Deno.test("the documentation's shell commands are complete", async () => {
  assert(inLanguage(snippets, "sh").length > 10);
  assertEquals(await faults(inLanguage(snippets, "sh"), shellFault), []);
});

Deno.test("the documentation's JSON is JSON, and each flow chart has the form of one", async () => {
  assertEquals(await faults(inLanguage(snippets, "json"), jsonFault), []);
  assertEquals(await faults(inLanguage(snippets, "mermaid"), mermaidFault), []);
});

testsOf("")("the documentation's SQL runs after the migrations", async () => {
  const database = await openDatabase();
  try {
    const ours = inLanguage(snippets, "sql").filter((one) => !runsElsewhere(one));
    assert(ours.length > 2);
    for (const one of ours) assertEquals(await sqlFault(database, one), "", `${one.page}: ${one.code}`);
    const planted = snippetsOf(
      parsePage("a.md", "```sql\nselect gone from public.users\n```\n\n```sql\nselect (\n```"),
    );
    const found: string[] = [];
    for (const one of planted) found.push((await sqlFault(database, one)).split(" at ")[0]!);
    assertEquals(found, ['column "gone" does not exist', "syntax error"]);
  } finally {
    await database.close();
  }
});

Deno.test("the documentation's TypeScript has the right types", async () => {
  const ours = inLanguage(snippets, "ts");
  assert(ours.length > 2);
  assertEquals(await typeFaults(ours), "");
  const planted = parsePage(
    "a.md",
    "```ts\nawait Clerk.session?.getTocken();\n```\n\n```ts\nconst a: number = 'b';\n```",
  );
  const found = await typeFaults(snippetsOf(planted));
  assertMatch(found, /Property 'getTocken' does not exist/);
  assertMatch(found, /Type 'string' is not assignable to type 'number'/);
});

Deno.test("the documentation's workflow is YAML, and its commands are complete", async () => {
  assert(inLanguage(snippets, "yaml").length > 0);
  assertEquals(await faults(inLanguage(snippets, "yaml"), workflowFault), []);
});

Deno.test("each fault of the shell, of JSON, of a workflow and of a chart is found", async () => {
  const planted = (language: string, ...codes: string[]) => codes.map((code) => ({ page: "a.md", language, code }));
  const good = planted("sh", "supabase link --project-ref <project-ref>", "export A=b   # 'comment");
  assertEquals(await faults(good, shellFault), []);
  const shell = planted("sh", "if true; then", "echo 'a", "echo $(date");
  assertEquals((await faults(shell, shellFault)).length, shell.length);
  const json = planted("json", "{ a: 1 }", '{ "a": 1, }', "");
  assertEquals((await faults(json, jsonFault)).length, json.length);
  const workflows = planted("yaml", "a: [", "a: 1", "steps:\n  - run: echo $(date");
  assertEquals((await faults(workflows, workflowFault)).length, workflows.length);
  const charts = planted(
    "mermaid",
    "graph",
    "flowchart LR\n  a - b",
    'flowchart LR\n  a[b -- "c" --> d',
    "flowchart LR\n  a -->",
  );
  assertEquals((await faults(charts, mermaidFault)).length, charts.length);
});
