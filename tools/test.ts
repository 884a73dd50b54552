/**
 * `deno task test`: every test, with what it needs. Arguments are passed on to `deno test`, such as
 * `--filter apply_clerk_changes`.
 *
 * @module
 */
import { configArguments, STAND_INS_IN_USE } from "./jsr/config.ts";
import { startPostgres } from "./postgres.ts";

/** Tests that run together. */
interface Group {
  args: string[];
  env?: Record<string, string>;
}

/** Handlers and modules, and the examples in their documentation: no permission, no flag. */
const UNIT: Group = { args: ["--no-prompt", "--doc", "tests/unit", "supabase/functions/_shared"] };

const NO_POSTGRES =
  "PostgreSQL is not installed: tests/postgres, tests/convergence and tests/fuzz do not run. Install it, for example by apt-get install postgresql.";

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

/** Runs a group; returns how many tests passed and failed. */
async function run({ args, env = {} }: Group, config: readonly string[]): Promise<{ passed: number; failed: number }> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", ...config, `--junit-path=${report}`, ...args, ...Deno.args],
    env,
    stdin: "null",
  }).spawn().status;
  const xml = await Deno.readTextFile(report);
  await Deno.remove(report);
  const total = (name: string) => Number(new RegExp(`<testsuites [^>]*${name}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  const failed = total("failures") + total("errors");
  // What was filtered out or ignored has not passed.
  const skipped = xml.split("<skipped").length - 1;
  // Without a report, or with one that is too good, the exit code still tells.
  return { passed: total("tests") - skipped - failed, failed: code === 0 ? failed : Math.max(failed, 1) };
}

async function main(): Promise<number> {
  const config = await configArguments();
  if (config.length > 0) print(STAND_INS_IN_USE);
  const server = await startPostgres();
  if (!server) {
    if (Deno.env.has("CI")) throw new Error(NO_POSTGRES);
    print(NO_POSTGRES);
  }
  try {
    const folders = [
      "tests/db",
      "tests/e2e",
      "tests/project",
      ...(server ? ["tests/postgres", "tests/convergence", "tests/fuzz"] : []),
    ];
    const env = server ? { TEST_POSTGRES_URL: server.url } : {};
    const results = [await run(UNIT, config), await run({ args: ["-A", ...folders], env }, config)];
    const [passed, failed] = (["passed", "failed"] as const).map((key) =>
      results.reduce((sum, result) => sum + result[key], 0)
    );
    print(`\n${passed} passed, ${failed} failed`);
    return failed === 0 && passed! > 0 ? 0 : 1;
  } finally {
    await server?.stop();
  }
}

Deno.exit(await main());
