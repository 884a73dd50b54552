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

/** How many tests passed and failed. */
interface Count {
  passed: number;
  failed: number;
}

/** Runs groups at the same time, and prints what each says when its turn comes. */
async function runAll(groups: readonly Group[], config: readonly string[]): Promise<Count> {
  const running = groups.map((group) => run(group, config));
  const total: Count = { passed: 0, failed: 0 };
  for (const group of running) {
    const { passed, failed, output } = await group;
    await Deno.stdout.write(output);
    total.passed += passed;
    total.failed += failed;
  }
  return total;
}

async function run({ args, env = {} }: Group, config: readonly string[]): Promise<Count & { output: Uint8Array }> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  // One stream, so that what a test prints stays beside its result.
  const command = ["test", ...config, `--junit-path=${report}`, ...args, ...Deno.args];
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", 'exec "$0" "$@" 2>&1', Deno.execPath(), ...command],
    env,
    stdin: "null",
  }).output();
  const xml = await Deno.readTextFile(report);
  await Deno.remove(report);
  const total = (name: string) => Number(new RegExp(`<testsuites [^>]*${name}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  const failed = total("failures") + total("errors");
  // What was filtered out or ignored has not passed.
  const skipped = xml.split("<skipped").length - 1;
  // Without a report, or with one that is too good, the exit code still tells.
  const passed = total("tests") - skipped - failed;
  return { passed, failed: code === 0 ? failed : Math.max(failed, 1), output: stdout };
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
    const onServer = server ? ["tests/postgres", "tests/convergence", "tests/fuzz"] : [];
    const groups = [
      UNIT,
      // Types are for `deno task check`: checking them in each process again takes long.
      { args: ["-A", "--no-check", "tests/db", "tests/e2e", "tests/project"] },
      {
        args: ["-A", "--no-check", "tests/browser", "tests/dev", ...onServer],
        env: server ? { TEST_POSTGRES_URL: server.url } : {},
      },
    ];
    const { passed, failed } = await runAll(groups, config);
    print(`\n${passed} passed, ${failed} failed`);
    return failed === 0 && passed > 0 ? 0 : 1;
  } finally {
    await server?.stop();
  }
}

Deno.exit(await main());
