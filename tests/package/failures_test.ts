/** Every command prints a failure that the user can fix in one line on stderr, and no stack trace. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { CommandContext } from "../../cli/command_context.ts";
import { runProgram } from "../../cli/program.ts";
import { CommandError, ProjectError, UsageError } from "../../project/errors.ts";
import { findProject } from "../../project/find_project.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { ROOT } from "../../project/root.ts";

const { dev: _, ...COMMANDS } = JSON.parse(await Deno.readTextFile(new URL("bin/commands.json", ROOT)));

/** Failures that the user can fix: the code and the line that a command prints. */
const FAILURES: ReadonlyArray<[error: Error, code: number, line: string]> = [
  [new CommandError("Cannot do this: try that"), 1, "Cannot do this: try that"],
  [new UsageError("Cannot use this: name that"), 2, "Cannot use this: name that"],
  [new ProjectError("Cannot read a.toml: no\n1: SECRET=1\n"), 1, "Cannot read a.toml: no"],
  [new Deno.errors.NotFound("No such file: a.ts"), 1, "Cannot continue: No such file: a.ts"],
  [new Deno.errors.PermissionDenied("Permission denied: a.ts"), 1, "Cannot continue: Permission denied: a.ts"],
  [
    Object.assign(new Error("listen EACCES\n  more"), { code: "EACCES" }),
    1,
    "Cannot continue: listen EACCES",
  ],
];

/** Runs a command in which everything outside of it fails with this error. */
async function run(args: string[], error: Error, overrides: Partial<CommandContext["workplace"]> = {}) {
  const [out, errors]: [string[], string[]] = [[], []];
  const fail = () => Promise.reject(error);
  const code = await runProgram({
    ...{ findTarget: fail, fetch: fail, sleep: fail, setExitCode: () => {}, terminal: false, now: Date.now },
    print: (line) => out.push(line),
    printError: (line) => errors.push(line),
    stop: new AbortController().signal,
    workplace: {
      ...{ root: ROOT, folder: Deno.cwd(), findProject: fail, shell: () => undefined, supabase: fail },
      ...{ packageArguments: fail, standInLinks: fail, may: () => Promise.resolve(true), ...overrides },
    },
  }, args);
  return { code, out, errors };
}

for (const name of Object.keys(COMMANDS)) {
  Deno.test(`${name} prints a failure in one line, and the stack trace of a bug`, async () => {
    for (const [error, code, line] of FAILURES) {
      assertEquals(await run([name], error), { code, out: [], errors: [line] }, error.name);
    }
    await assertRejects(() => run([name], new ReferenceError("a bug")), ReferenceError);
  });
}

// The embedded database sets the exit code.
const test = testsOf("");

test("types names a migration that fails, in one line", async () => {
  const root = pathToFileURL(`${await Deno.makeTempDir({ prefix: "types-" })}/`);
  try {
    await Deno.mkdir(new URL("supabase/migrations", root), { recursive: true });
    await Deno.writeTextFile(new URL("supabase/config.toml", root), "");
    const file = "supabase/migrations/20250101000000_wrong.sql";
    await Deno.writeTextFile(new URL(file, root), "create tabel x ();\n");
    const { code, errors } = await run(["types", "--project", fileURLToPath(root)], new Error("not reached"), {
      findProject,
    });
    assertEquals(code, 1);
    assertEquals(errors, [`Cannot apply ${file}: syntax error at or near "tabel"`]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

test("add and remove refuse a folder that is named twice, and this repository, in one line", async () => {
  for (const name of ["add", "remove"]) {
    const twice = await run([name, "a", "--project", "b"], new Error("not reached"));
    assertEquals([twice.code, twice.errors], [2, ["Cannot use both a and --project b: name the project once"]]);
    const itself = await run([name], new Error("not reached"), { findProject: () => Promise.resolve(ROOT) });
    assertEquals(itself.code, 2);
    assertStringIncludes(itself.errors.join("\n"), "it is the bundle itself; name your own project's folder");
  }
});
