/** Tests docs/add-a-function.md by following it in a fresh copy of the project. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { checkOut } from "../../project/checkout.ts";
import { FREE_PORTS, interrupt, ready, start, valueOf } from "../helpers/stack/dev.ts";
import { createDatabase } from "../helpers/database/postgres.ts";
import { removeDocExamples } from "../helpers/project/doc_examples.ts";
import { trackedFiles } from "../../project/repository_files.ts";
import { testsOf } from "../helpers/shared_test.ts";

const page = await Deno.readTextFile(new URL("../../docs/add-a-function.md", import.meta.url));

/** Returns the page's commands under a heading. */
function commands(heading: string): string {
  const [, block] = new RegExp(`^#+ ${heading}$[\\s\\S]*?^\`\`\`sh\\n([\\s\\S]*?)^\`\`\``, "m").exec(page) ?? [];
  assert(block, `docs/add-a-function.md has no commands under ${heading}`);
  return block;
}

/** The tests that a new function can fail: those that the page copies, and those that read every function or table. */
const CONCERNED = [
  /^tests\/unit\/(hello|openapi|resumes)\//,
  /^tests\/project\/(conventions|lock_classes|markdown|migrations|openapi)_test\.ts$/,
  /^tests\/project\/(platform|rooms|sources|words)_test\.ts$/,
  /^tests\/db\/pgtap_test\.ts$/,
];

/** Returns whether a file is a test that no new function can fail. */
function isUnconcerned(file: string): boolean {
  return /^tests\/(?!helpers\/).*_test\.ts$/.test(file) && !CONCERNED.some((tests) => tests.test(file));
}

/**
 * Copies the project without the tests and the examples in doc comments that no new function can fail, because those
 * run on the project itself. The files of these tests are empty, because documents name many of them.
 */
async function copyWithFewTests(): Promise<string> {
  // Without this file, no fast test needs PostgreSQL.
  const files = (await trackedFiles()).filter((file) => file !== "tests/project/snippets_test.ts");
  const folder = await checkOut(files);
  for (const file of files.filter(isUnconcerned)) await Deno.writeTextFile(`${folder}/${file}`, "");
  await removeDocExamples(folder, files);
  return folder;
}

/** Runs commands exactly as the page shows them, with this Deno. */
async function run(folder: string, script: string): Promise<string> {
  const path = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`;
  const { success, stdout } = await new Deno.Command("sh", {
    args: ["-ec", `exec 2>&1\n${script}`],
    cwd: folder,
    env: { PATH: path, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const output = new TextDecoder().decode(stdout);
  assert(success, output);
  return output;
}

testsOf("")("docs/add-a-function.md: a new function works as written", async () => {
  const folder = await copyWithFewTests();
  const copy = commands("Copy and rename");
  const [names = ""] = copy.split("\n");
  const twoWords = /`(name=[\w-]+-\w+ Name=\w+ NAME=\w+)`/.exec(page)?.[1];
  assert(twoWords, "docs/add-a-function.md has no name of two words");
  await run(folder, copy);
  await run(folder, copy.replace(names, twoWords));
  await run(folder, commands("With a table"));
  const added = [names, twoWords].map((line) => /name=(\S+)/.exec(line)![1]!);
  await run(folder, "deno fmt --check && deno lint");

  assertMatch(await run(folder, commands("Check")), /ok tests\/unit: \d+ passed/);
  const folders = [...added, "notes"].map((name) => `tests/unit/${name}`);
  const output = await run(folder, `deno run -A project/jsr/run.ts test --no-check ${folders.join(" ")}`);
  for (const name of added) assertMatch(output, new RegExp(`${name} greets a guest.* ok \\(`));
  assertMatch(output, /notes lists a page.* ok \(/);
  // The embedded database takes longer to create.
  const database = await createDatabase({ hostedDefaults: false });
  const dev = start(folder, FREE_PORTS, { DATABASE_URL: database.url });
  try {
    const url = valueOf(await ready(dev), "Project URL");
    const ask = async (name: string) => (await fetch(`${url}/functions/v1/${name}`)).json();
    const { paths, components } = await ask("openapi");
    for (const name of added) {
      assertEquals(await ask(name), { message: "Hello, guest!", signed_in: false });
      assert(paths[`/${name}`].get, name);
    }
    assert("GreetAnswer" in components.schemas);
    assert(paths["/notes/{id}"].put);
    assertEquals((await ask("notes")).code, "TOKEN_MISSING");
  } finally {
    await interrupt(dev);
    await database.drop();
    await Deno.remove(folder, { recursive: true });
  }
});
