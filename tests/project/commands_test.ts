/** The documentation names only tasks, commands, flags and variables that exist, and leaves none out. */
import { assert, assertEquals } from "@std/assert";
import { HELP as DEV_HELP } from "../../dev/flags.ts";
import { runProgram } from "../../cli/program.ts";
import type { CommandContext } from "../../cli/command_context.ts";
import { codeOf, type Page, parsePage, readPages } from "../helpers/project/markdown.ts";
import { ROOT } from "../../project/root.ts";
import { filesBelow } from "../../project/repository_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const { tasks } = JSON.parse(await read("deno.json")) as { tasks: Record<string, string> };
const pages = await readPages();

const flagsIn = (help: string) => new Set([...help.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([flag]) => flag));

/** Returns the help text of `deno task clerk`, or of one of its commands. */
async function helpOfClerk(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const context = { print: (line: string) => lines.push(line) } as unknown as CommandContext;
  assertEquals(await runProgram(context, [...args, "--help"]), 0);
  return lines.join("\n");
}

/** Returns the help text of `deno task bench` from its source. */
async function helpOfBench(): Promise<string> {
  const sources = await Promise.all((await filesBelow("bench/", ".ts")).map(read));
  const helps = sources.flatMap((source) => /\bHELP = `(deno task [^`]+)`/.exec(source)?.[1] ?? []);
  assertEquals(helps.length, 1, `bench has ${helps.length} help texts`);
  return helps[0]!;
}

async function helpOfDenoTest(): Promise<string> {
  const options = { args: ["test", "--help"], env: { NO_COLOR: "1" } };
  return new TextDecoder().decode((await new Deno.Command(Deno.execPath(), options).output()).stdout);
}

const helpOfAll = await helpOfClerk();
const top = flagsIn(helpOfAll);
const clerk = new Map<string, Set<string>>();
for (const [, name] of helpOfAll.matchAll(/^ {2}(\w+) (?:\[options\]|<)/gm)) {
  clerk.set(name!, flagsIn(await helpOfClerk(name!)));
}
const dev = flagsIn(DEV_HELP);
const bench = flagsIn(await helpOfBench());
const test = flagsIn(await helpOfDenoTest());

const flagsOfTask: Record<string, Set<string>> = {
  ...{ dev, bench, deploy: clerk.get("deploy")!, add: clerk.get("add")!, remove: clerk.get("remove")!, clerk: top },
  // These pass their flags on to `deno test`.
  ...{ test, "test:fast": test, "test:deployed": test, convergence: test, fuzz: test },
};
const known = new Set([dev, bench, test, top, ...clerk.values()].flatMap((flags) => [...flags]));

/** The flags of each command of the npm package. */
const flagsOfPackage = new Map(
  Object.keys(JSON.parse(await read("bin/commands.json"))).map((name) => {
    return [name, name === "dev" ? dev : clerk.get(name) ?? new Set<string>()];
  }),
);

/** Commands of the npm package and flags in a text that do not exist. */
function packageFaults(code: string): string[] {
  return [...code.matchAll(/\bnpx clerk-supabase (\w+)([^\n|;&#]*)/g)].flatMap(([, name, rest]) => {
    const flags = flagsOfPackage.get(name!);
    if (!flags) return [`no command ${name} of the package`];
    const given = rest!.split(/\s+/).filter((word) => word.startsWith("--")).map((word) => word.replace(/=.*/, ""));
    return given.filter((flag) => !flags.has(flag)).map((flag) => `no flag ${flag} of ${name}`);
  });
}

/** Tasks, commands and flags in a text that do not exist. */
function commandFaults(code: string): string[] {
  return [...packageFaults(code), ...taskFaults(code)];
}

function taskFaults(code: string): string[] {
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

/** Flags without a command, such as in a table, that no command has. */
function flagFaults({ spans }: Page): string[] {
  const flags = spans.flatMap((span) => /^--[\w-]+(?=[ =]|$)/.exec(span) ?? []);
  return flags.filter((flag) => !known.has(flag)).map((flag) => `no flag ${flag}`);
}

const faultsOf = (page: Page) =>
  [...codeOf(page).flatMap(commandFaults), ...flagFaults(page)].map((fault) => `${page.path}: ${fault}`);

/** Variables that a page sets for a command, except those that the same code uses itself. */
function variablesOf(page: Page): string[] {
  const code = codeOf(page).filter((text) => /\b(deno task|npx clerk-supabase|export)\b/.test(text));
  return code.flatMap((text) =>
    [...text.matchAll(/\b([A-Z][A-Z_]+)=/g)].map(([, name]) => name!)
      .filter((name) => !new RegExp(`\\$\\{?${name}\\b`).test(text))
  );
}

Deno.test("every task, command and flag in the documentation exists", () => {
  assert(pages.flatMap(codeOf).join("\n").split("deno task ").length > 50);
  assertEquals(pages.flatMap(faultsOf), []);
});

Deno.test("every variable that the documentation sets for a command is read by some source", async () => {
  const folders = ["bench/", "cli/", "dev/", "project/", "supabase/functions/", "tests/", "tools/"];
  const files = (await Promise.all(folders.map((folder) => filesBelow(folder, ".ts")))).flat();
  const source = (await Promise.all(files.map(read))).join("\n");
  const names = new Set(pages.flatMap(variablesOf));
  assert(names.size > 5);
  assertEquals([...names].filter((name) => !source.includes(`"${name}"`)), []);
});

Deno.test("CONTRIBUTING.md names every task, and docs/cli.md every flag of every command", async () => {
  const named = [...(await read("CONTRIBUTING.md")).matchAll(/^\| `deno task ([\w:]+)`/gm)].map(([, name]) => name!);
  assertEquals(Object.keys(tasks).filter((name) => !named.includes(name)), []);
  const sections = (await read("docs/cli.md")).split(/^## /m);
  for (const [name, flags] of clerk) {
    const section = sections.find((text) => text.startsWith(`${name}\n`)) ?? "";
    // The top of the page lists the flags of all commands.
    const own = [...flags].filter((flag) => !["--help", "--json", "--project"].includes(flag));
    assertEquals(own.filter((flag) => !section.includes(flag)), [], name);
  }
});

Deno.test("the check of commands finds a task, a command and a flag that do not exist", () => {
  const page = parsePage(
    "a.md",
    "`deno task gone` `--gone <file>`\n\n```sh\nnpx -y deno task clerk gone --json\ndeno task clerk status # --gone\n" +
      "deno task clerk send user.created --gone=1\ndeno task dev --filter a | gone\n" +
      "npx clerk-supabase gone\nnpx clerk-supabase status --gone\nnpx clerk-supabase dev --port 1 # --gone\n```\n",
  );
  const faults = [
    "no command gone of the package",
    "no flag --gone of status",
    "no command gone",
    "no flag --gone of send",
    "no flag --filter of dev",
    "no task gone",
    "no flag --gone",
  ];
  assertEquals(faultsOf(page), faults.map((fault) => `a.md: ${fault}`));
});

Deno.test("the npm package has every command, with a help text of its own", () => {
  assertEquals([...flagsOfPackage.keys()].sort(), ["dev", ...clerk.keys()].sort());
  for (const [name, flags] of flagsOfPackage) assert(flags.has("--help"), name);
});
