/** `bin/clerk-supabase.mjs`, with a stand-in for the package `deno` that prints how it was started. */
import { assertEquals, assertMatch } from "@std/assert";
import { checkOut } from "../../project/checkout.ts";
import { eventually } from "../../project/eventually.ts";
import { ROOT } from "../../project/root.ts";
import { type CliResult, runCommand } from "../../project/supabase_cli.ts";

const FAKE_DENO = `#!/bin/sh
printf '%s\\n' "$CLERK_SUPABASE_STARTED_AS" "$@"
case "$*" in
  *--wait*) trap 'exit 7' TERM; touch "$MARK"; sleep 60 & wait ;;
  *--fail*) exit 3 ;;
esac
`;

interface Commands {
  [name: string]: { summary: string; program: string; packages?: string; permissions: string[] };
}

const commands: Commands = JSON.parse(await Deno.readTextFile(new URL("bin/commands.json", ROOT)));

/** Runs the script in a copy that is laid out as the package is. */
async function withPackage(run: (folder: string, bin: (...args: string[]) => Promise<CliResult>) => Promise<void>) {
  const folder = await checkOut(["bin"]);
  try {
    await Deno.rename(`${folder}/bin/npm-package.json`, `${folder}/package.json`);
    await Deno.mkdir(`${folder}/node_modules/deno`, { recursive: true });
    await Deno.writeTextFile(`${folder}/node_modules/deno/package.json`, '{ "name": "deno" }');
    await Deno.writeTextFile(`${folder}/node_modules/deno/deno`, FAKE_DENO, { mode: 0o755 });
    await run(folder, (...args) => runCommand("node", { folder }, [`${folder}/bin/clerk-supabase.mjs`, ...args]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("clerk-supabase starts each command with the permissions of bin/commands.json, and with nothing else", () =>
  withPackage(async (folder, bin) => {
    for (const [name, { program, packages = program, permissions }] of Object.entries(commands)) {
      const { code, stdout } = await bin(name, "--flag", "value");
      const packed = `${folder}/bin/packed/${packages}`;
      assertEquals([code, stdout.trim().split("\n")], [0, [
        "npx clerk-supabase",
        ...["run", "--quiet", "--no-prompt", ...permissions],
        ...["--config", `${packed}.json`, "--lock", `${packed}.lock`, "--frozen"],
        `${folder}/${program}/main.ts`,
        ...(program === "cli" ? [name] : []),
        ...["--flag", "value"],
      ]]);
    }
  }));

Deno.test("clerk-supabase --help lists every command, and --version prints the package's", () =>
  withPackage(async (folder, bin) => {
    const { version } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
    assertEquals((await bin("--version")).stdout, `${version}\n`);
    for (const flag of ["--help", "-h", "help"]) {
      const { code, stdout } = await bin(flag);
      assertEquals(code, 0);
      for (const [name, { summary }] of Object.entries(commands)) {
        assertMatch(stdout, new RegExp(`^  ${name} +${summary.replaceAll(/[.()]/g, "\\$&")}$`, "m"));
      }
    }
    assertMatch((await bin("help", "status")).stdout, /\nstatus\n--help\n$/);
  }));

Deno.test("clerk-supabase ends with 2 without a command and for an unknown one", () =>
  withPackage(async (_, bin) => {
    assertEquals((await bin()).code, 2);
    const { code, stdout, stderr } = await bin("toString");
    assertEquals([code, stdout], [2, ""]);
    assertEquals(stderr, "Unknown command: toString. npx clerk-supabase --help lists the commands\n");
  }));

Deno.test("clerk-supabase passes signals on, and ends as its command does", () =>
  withPackage(async (folder, bin) => {
    assertEquals((await bin("status", "--fail")).code, 3);
    const mark = `${folder}/mark`;
    const child = new Deno.Command("node", {
      args: [`${folder}/bin/clerk-supabase.mjs`, "status", "--wait"],
      env: { MARK: mark },
      stdout: "null",
    }).spawn();
    await eventually(() => Deno.stat(mark));
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 7);
  }));
