/** CONTRIBUTING.md lists the permissions of each task. */
import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../../project/root.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

const flagsIn = (text: string) => text.match(/(?<=[\s`])-(?:A|-allow-[a-z]+(?:=[^\s`]*)?)(?=[\s`]|$)/g) ?? [];

Deno.test("every task has the permissions that CONTRIBUTING.md lists", async () => {
  const { tasks } = JSON.parse(await read("deno.json")) as { tasks: Record<string, string> };
  const programs = Object.entries(tasks)
    // What starts the program, and does nothing else.
    .map(([name, command]) =>
      [name, command.replace(/deno run -A project\/jsr\/run\.ts (--room=\w+ )?/, "deno ")] as const
    )
    .filter(([, program]) => program.startsWith("deno run "));
  assert(programs.length > 8);
  const [, section = ""] = /^## Permissions$(.*?)^## /ms.exec(await read("CONTRIBUTING.md")) ?? [];
  const rows = section.matchAll(/^\| `deno task ([\w:]+)` +\| (.*?) +\|/gm);
  assertEquals(
    Object.fromEntries([...rows].map(([, name, flags]) => [name, flagsIn(flags!)])),
    Object.fromEntries(programs.map(([name, program]) => [name, flagsIn(program)])),
  );
});
