/** docs/add-a-function.md, followed in a fresh copy of the project for functions that are thrown away. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { checkOut } from "../helpers/checkout.ts";
import { interrupt, ready, start, valueOf } from "../helpers/dev.ts";
import { testsOf } from "../helpers/shared_test.ts";

const page = await Deno.readTextFile(new URL("../../docs/add-a-function.md", import.meta.url));

/** The page's commands under a heading. */
function commands(heading: string): string {
  const [, block] = new RegExp(`^#+ ${heading}$[\\s\\S]*?^\`\`\`sh\\n([\\s\\S]*?)^\`\`\``, "m").exec(page) ?? [];
  assert(block, `docs/add-a-function.md has no commands under ${heading}`);
  return block;
}

/** Runs commands as they stand there, with this Deno. */
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
  const folder = await checkOut();
  const copy = commands("1\\. Copy and rename");
  const [names = ""] = copy.split("\n");
  const twoWords = /`(name=[\w-]+-\w+ Name=\w+ NAME=\w+)`/.exec(page)?.[1];
  assert(twoWords, "docs/add-a-function.md has no name of two words");
  await run(folder, copy);
  await run(folder, copy.replace(names, twoWords));
  await run(folder, commands("With a table"));
  const added = [names, twoWords].map((line) => /name=(\S+)/.exec(line)![1]!);
  await run(folder, "deno fmt --check && deno lint");

  const output = await run(folder, commands("2\\. Check"));
  for (const name of added) {
    assertMatch(output, new RegExp(`${name} greets a guest.* ok \\(`));
  }
  assertMatch(output, /notes lists a page.* ok \(/);
  const dev = start(folder, ["--port", "0", "--clerk-port", "0"]);
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
    await Deno.remove(folder, { recursive: true });
  }
});
