/** Commands and flags that the documentation names are there, and what is there is named. */
import { assert, assertEquals } from "@std/assert";
import { runProgram } from "../../cli/program.ts";
import type { Surroundings } from "../../cli/surroundings.ts";
import { codeOf, type Page, parsePage, readPages } from "../helpers/markdown.ts";
import { filesBelow, ROOT } from "../helpers/project_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const { tasks } = JSON.parse(await read("deno.json")) as { tasks: Record<string, string> };
const pages = await readPages();

/** Every flag that a help text has. */
const flagsIn = (help: string) => new Set([...help.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([flag]) => flag));

/** What a command of operators prints about itself. */
async function helpOfClerk(args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const nowhere = { print: (line: string) => lines.push(line) } as unknown as Surroundings;
  assertEquals(await runProgram(nowhere, [...args, "--help"]), 0);
  return lines.join("\n");
}

/** What a task prints about itself. */
async function helpOfTask(name: string): Promise<string> {
  return await output(["task", "--quiet", name, "--help"]);
}

async function output(args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env: { NO_COLOR: "1" } })
    .output();
  assert(success, args.join(" "));
  return new TextDecoder().decode(stdout);
}

const commands = [...(await helpOfClerk([])).matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name]) => name!);
const clerk = new Map(
  await Promise.all(commands.map(async (name) => [name, flagsIn(await helpOfClerk([name]))] as const)),
);
const [dev, bench, test] = (await Promise.all([helpOfTask("dev"), helpOfTask("bench"), output(["test", "--help"])]))
  .map(flagsIn) as [Set<string>, Set<string>, Set<string>];

const top = flagsIn(await helpOfClerk([]));

/** The flags of the tasks that take any. */
const flagsOfTask: Record<string, Set<string>> = {
  ...{ dev, bench, deploy: clerk.get("deploy")!, add: clerk.get("add")!, remove: clerk.get("remove")!, clerk: top },
  // They hand them on.
  ...{ test, "test:deployed": test, convergence: test, fuzz: test },
};
const known = new Set([dev, bench, test, top, ...clerk.values()].flatMap((flags) => [...flags]));

/** What is wrong with the commands of a text. */
function commandFaults(code: string): string[] {
  return [...code.matchAll(/\bdeno task ([\w:]+)([^\n|;&]*)/g)].flatMap(([, task, rest]) => {
    if (!Object.hasOwn(tasks, task!)) return [`no task ${task}`];
    const words = rest!.trim().split(/\s+/).filter((word) => word !== "");
    const command = task === "clerk" ? words.find((word) => !word.startsWith("-")) : undefined;
    const named = command !== undefined && !command.startsWith("<") ? command : undefined;
    if (named !== undefined && !clerk.has(named)) return [`no command ${named}`];
    const flags = named === undefined ? flagsOfTask[task!] ?? new Set() : clerk.get(named)!;
    const given = words.filter((word) => word.startsWith("--")).map((word) => word.replace(/=.*/, ""));
    return given.filter((flag) => !flags.has(flag)).map((flag) => `no flag ${flag} of ${named ?? task}`);
  });
}

/** Flags that stand for themselves, such as in a table of them. */
function flagFaults({ spans }: Page): string[] {
  const flags = spans.flatMap((span) => /^--[\w-]+(?=[ =]|$)/.exec(span) ?? []);
  return flags.filter((flag) => !known.has(flag)).map((flag) => `no flag ${flag}`);
}

const faultsOf = (page: Page) =>
  [...codeOf(page).flatMap(commandFaults), ...flagFaults(page)].map((fault) => `${page.path}: ${fault}`);

/** Variables that a command of the documentation is given, and that the code does not read itself. */
function variablesOf(page: Page): string[] {
  const code = codeOf(page).filter((text) => /\b(deno task|export)\b/.test(text));
  return code.flatMap((text) =>
    [...text.matchAll(/\b([A-Z][A-Z_]+)=/g)].map(([, name]) => name!)
      .filter((name) => !new RegExp(`\\$\\{?${name}\\b`).test(text))
  );
}

Deno.test("every task, command and flag that the documentation names is there", () => {
  assert(pages.flatMap(codeOf).join("\n").split("deno task ").length > 50);
  assertEquals(pages.flatMap(faultsOf), []);
});

Deno.test("every variable that the documentation gives to a command is read somewhere", async () => {
  const files = (await Promise.all(
    ["bench/", "cli/", "dev/", "supabase/functions/", "tests/", "tools/"].map((folder) => filesBelow(folder, ".ts")),
  )).flat().filter((file) => file !== "tests/project/commands_test.ts");
  const source = (await Promise.all(files.map(read))).join("\n");
  const names = new Set(pages.flatMap(variablesOf));
  assert(names.size > 5);
  assertEquals([...names].filter((name) => !source.includes(`"${name}"`)), []);
});

Deno.test("CONTRIBUTING.md names every task, and docs/cli.md every flag of every command", async () => {
  const named = [...(await read("CONTRIBUTING.md")).matchAll(/^\| `deno task ([\w:]+)`/gm)].map(([, name]) => name!);
  assertEquals(Object.keys(tasks).filter((name) => !named.includes(name)), []);
  const sections = new Map(
    (await read("docs/cli.md")).split(/^## /m).map((section) => [section.split("\n")[0]!, section]),
  );
  for (const [name, flags] of clerk) {
    const section = sections.get(name) ?? "";
    // Of all commands, at the top of the page.
    const missing = [...flags].filter((flag) => !["--help", "--json"].includes(flag) && !section.includes(flag));
    assertEquals(missing, [], name);
  }
});

Deno.test("a task, a command, a flag or a variable that is not there is found", () => {
  const page = (code: string) => parsePage("a.md", code);
  const good = [
    ...["`deno task clerk <command>`", "`npx -y deno task deploy --dry-run`", "`deno task test --filter a`"],
    ...["`--persist`", "`deno task clerk status  # --gone`", "`deno task dev | gone`"],
  ];
  assertEquals(good.flatMap((code) => faultsOf(page(code))), []);
  const bad: Array<[code: string, fault: string]> = [
    ["`deno task gone`", "no task gone"],
    ["```sh\nnpx -y deno task clerk gone --json\n```", "no command gone"],
    ["`deno task clerk send user.created --gone=1`", "no flag --gone of send"],
    ["`deno task clerk backfill --dry-run`", "no flag --dry-run of backfill"],
    ["`deno task dev --filter a`", "no flag --filter of dev"],
    ["`deno task check --gone`", "no flag --gone of check"],
    ["`--gone <file>`", "no flag --gone"],
  ];
  for (const [code, fault] of bad) assertEquals(faultsOf(page(code)), [`a.md: ${fault}`]);
  assertEquals(variablesOf(page("`A_B=1 deno task dev`\n\n```sh\nexport C_D=2\n```\n\n`E_F=3`")), ["C_D", "A_B"]);
});
