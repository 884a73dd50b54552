/** CONTRIBUTING.md lists the permissions of each task and of each command of the npm package. */
import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../../project/root.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

const flagsIn = (text: string) => text.match(/(?<=[\s`])-(?:A|-allow-[a-z]+(?:=[^\s`]*)?)(?=[\s`]|$)/g) ?? [];

Deno.test("every task has the permissions that CONTRIBUTING.md lists", async () => {
  const { tasks } = JSON.parse(await read("deno.json")) as { tasks: Record<string, string> };
  const programs = Object.entries(tasks)
    // The part of a task that starts the program.
    .map(([name, command]) =>
      [name, command.replace(/deno run -A project\/jsr\/run\.ts (--room=\w+ )?/, "deno ")] as const
    )
    .filter(([, program]) => program.startsWith("deno run "));
  assert(programs.length > 8);
  assertEquals(
    await rowsOf("deno task"),
    Object.fromEntries(programs.map(([name, program]) => [name, flagsIn(program)])),
  );
});

Deno.test("every command of the npm package has the permissions that CONTRIBUTING.md lists, and those of its task", async () => {
  const commands: Record<string, { permissions: string[] }> = JSON.parse(await read("bin/commands.json"));
  const permissions = Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, command.permissions]),
  );
  assertEquals(await rowsOf("npx clerk-supabase"), permissions);
  const tasks = await rowsOf("deno task");
  for (const [name, flags] of Object.entries(permissions)) {
    // `types` has another task, because this repository's own types are a source file.
    assertEquals(flags, (tasks[name] ?? tasks.clerk)!.filter((flag) => flag !== "--no-prompt"), name);
  }
});

/** Returns the permissions in the table of CONTRIBUTING.md by command. */
async function rowsOf(prefix: string): Promise<Record<string, string[]>> {
  const [, section = ""] = /^## Permissions$(.*?)^## /ms.exec(await read("CONTRIBUTING.md")) ?? [];
  const rows = section.matchAll(new RegExp(`^\\| \`${prefix} ([\\w:]+)\` +\\| (.*?) +\\|`, "gm"));
  return Object.fromEntries([...rows].map(([, name, flags]) => [name!, flagsIn(flags!)]));
}
