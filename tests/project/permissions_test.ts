/** What each task, and each Deno that one starts, may do is what CONTRIBUTING.md says and gives the reason for. */
import { assert, assertEquals } from "@std/assert";
import { filesBelow, ROOT } from "../helpers/project_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

interface Row {
  what: string;
  flags: string;
}

/** The rows of the table of permissions. */
async function readTable(): Promise<Row[]> {
  const [, section = ""] = /^## Permissions$(.*?)^## /ms.exec(await read("CONTRIBUTING.md")) ?? [];
  return [...section.matchAll(/^\| (.*?) +\| (.*?) +\| (.*?) +\|$/gm)].slice(2).map(([, what, flags, why]) => {
    assert(why !== "", `${what} has no reason`);
    return { what: what!, flags: flags! };
  });
}

const FLAG = /(?:^|(?<=[\s"`]))(?:-A|--allow-all|--allow-[a-z]+(?:=[^\s"`]*)?)(?=[\s"`]|$)/g;

const flagsIn = (text: string) => [...text.matchAll(FLAG)].map(([flag]) => flag);
const namesIn = (text: string) => new Set(flagsIn(text).map((flag) => flag.replace(/=.*/, "")));

/** What a task's program may do: what starts it, and does nothing else, comes first. */
function flagsOfTask(command: string): string[] | undefined {
  const program = command.replace("deno run -A tools/jsr/run.ts ", "deno ");
  return /^deno run /.test(program) ? flagsIn(program) : undefined;
}

/** A source without what other programs mean by the same letter. */
const withoutOthers = (source: string) => source.replaceAll(/"-A", "(trust|-o)"/g, "");

Deno.test("every task has the permissions that CONTRIBUTING.md gives the reason for", async () => {
  const { tasks } = JSON.parse(await read("deno.json")) as { tasks: Record<string, string> };
  const actual = Object.entries(tasks).flatMap(([name, command]) => {
    const flags = flagsOfTask(command);
    return flags ? [[`\`deno task ${name}\``, flags] as const] : [];
  });
  assert(actual.length > 8);
  const described = (await readTable()).filter(({ what }) => what.startsWith("`deno task "));
  assertEquals(
    Object.fromEntries(described.map(({ what, flags }) => [what, flagsIn(flags)])),
    Object.fromEntries(actual),
  );
});

Deno.test("every source that starts Deno with permissions is in CONTRIBUTING.md, with these permissions", async () => {
  const actual: Record<string, Set<string>> = {};
  for (const folder of ["bench/", "cli/", "dev/", "tools/"]) {
    for (const file of await filesBelow(folder, ".ts")) {
      const names = namesIn(withoutOthers(await read(file)));
      if (names.size > 0) actual[file] = names;
    }
  }
  const described = (await readTable()).flatMap(({ what, flags }) => {
    const [, file] = /`([\w/]+\.ts)`/.exec(what) ?? [];
    return file ? [[file, namesIn(flags)] as const] : [];
  });
  assertEquals(Object.fromEntries(described), actual);
});

Deno.test("permissions are found in tasks and sources, and other programs' letters are not", () => {
  assertEquals(flagsOfTask("deno run -A tools/jsr/run.ts run --no-prompt --allow-net --allow-read=. a.ts"), [
    "--allow-net",
    "--allow-read=.",
  ]);
  assertEquals(flagsOfTask("deno run -A a.ts"), ["-A"]);
  assertEquals(flagsOfTask("deno run -A tools/jsr/run.ts run a.ts -A"), ["-A"]);
  assertEquals(flagsOfTask("deno task test --filter x"), undefined);
  assertEquals(flagsOfTask("deno run -A tools/jsr/run.ts check cli"), undefined);
  const source = '["run", "-A", `--allow-read=${ROOT}`, "--allow-all"]; ["initdb", "-A", "trust"]';
  assertEquals([...namesIn(withoutOthers(source))], ["-A", "--allow-read", "--allow-all"]);
});
