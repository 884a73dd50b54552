/**
 * `deno task test`: every test, with what it needs. Arguments are passed on to `deno test`, such as
 * `--filter apply_clerk_changes`. With `--deployed` first: only what runs with the functions as they are deployed.
 *
 * @module
 */
import { bundleFunctions } from "../cli/deploy/bundle.ts";
import { readProject } from "../dev/project.ts";
import { configArguments, type DenoVersion, STAND_INS_IN_USE, THIS_DENO } from "./jsr/config.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { RUNTIME_DENO_VERSION, runtimeDeno } from "./runtime_deno.ts";

/** Tests that run together. */
interface Group {
  args: string[];
  env?: Record<string, string>;
  /** What runs the tests; this Deno unless given. */
  deno?: DenoVersion;
}

/** Handlers and modules, and the examples in their documentation: no permission, no flag. */
const UNIT: Group = { args: ["--no-prompt", "--doc", "tests/unit", "supabase/functions/_shared"] };

/** The same without what functions lack. Types are for `deno task check`: checking them in each process takes long. */
const EDGE_UNIT: Group = { args: ["--no-prompt", "--no-check", "--allow-read=.", "tests/edge_runtime"] };

/** What runs in the test's own process: PGlite, whose files are in npm's cache, and the Clerk simulator. */
const ALONE: Group = {
  args: [
    ...["--no-prompt", "--no-check", "--allow-read", "--allow-write", "--allow-env"],
    ...["--allow-net=127.0.0.1,localhost", "tests/db", "tests/simulator"],
  ],
};

const NO_POSTGRES =
  "PostgreSQL is not installed: tests/postgres, tests/convergence and tests/fuzz do not run. Install it, for example by apt-get install postgresql.";

const ONLY_SOURCES =
  "The functions run from their sources. CI also runs tests/e2e as they are deployed, bundled and in the Edge Runtime's Deno; so does deno task test:deployed.";

const onlyDeployed = Deno.args[0] === "--deployed";
const testArguments = onlyDeployed ? Deno.args.slice(1) : Deno.args;

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

/** How many tests passed and failed. */
interface Count {
  passed: number;
  failed: number;
}

/** Runs groups at the same time, and prints what each says when its turn comes. */
async function runAll(groups: readonly Group[]): Promise<Count> {
  const running = groups.map(run);
  const total: Count = { passed: 0, failed: 0 };
  for (const group of running) {
    const { passed, failed, output } = await group;
    await Deno.stdout.write(output);
    add(total, { passed, failed });
  }
  return total;
}

function add(total: Count, { passed, failed }: Count): void {
  total.passed += passed;
  total.failed += failed;
}

async function run({ args, env = {}, deno = THIS_DENO }: Group): Promise<Count & { output: Uint8Array }> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  // One stream, so that what a test prints stays beside its result.
  const command = ["test", ...await configArguments(deno), `--junit-path=${report}`, ...args, ...testArguments];
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", 'exec "$0" "$@" 2>&1', deno.executable, ...command],
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

/** Everything, with the functions as they are written. */
async function sourceGroups(server: PostgresServer | undefined): Promise<Group[]> {
  const runtime = { executable: await runtimeDeno(), version: RUNTIME_DENO_VERSION };
  const onServer = server ? ["tests/postgres", "tests/convergence", "tests/fuzz"] : [];
  return [
    UNIT,
    EDGE_UNIT,
    { ...EDGE_UNIT, deno: runtime },
    ALONE,
    { args: ["-A", "--no-check", "tests/e2e", "tests/serve", "tests/project"] },
    {
      args: ["-A", "--no-check", "tests/browser", "tests/deploy", "tests/dev", ...onServer],
      env: server ? { TEST_POSTGRES_URL: server.url } : {},
    },
  ];
}

/** What calls the functions, with the functions as they are deployed. */
async function deployedGroups(): Promise<Group[]> {
  const into = new URL("../.cache/test-bundles/", import.meta.url);
  await bundleFunctions({ project: await readProject(), config: await configArguments(), into });
  return [{ args: ["-A", "--no-check", "tests/e2e", "tests/serve"], env: { TEST_BUNDLES: into.href } }];
}

async function runSources(): Promise<Count> {
  const server = await startPostgres();
  if (!server) {
    if (Deno.env.has("CI")) throw new Error(NO_POSTGRES);
    print(NO_POSTGRES);
  }
  try {
    return await runAll(await sourceGroups(server));
  } finally {
    await server?.stop();
  }
}

async function main(): Promise<number> {
  if ((await configArguments()).length > 0) print(STAND_INS_IN_USE);
  const total: Count = { passed: 0, failed: 0 };
  if (!onlyDeployed) add(total, await runSources());
  if (onlyDeployed || Deno.env.has("CI")) add(total, await runAll(await deployedGroups()));
  else print(ONLY_SOURCES);
  if (total.passed + total.failed === 0) print(`No test matches ${testArguments.join(" ")}.`);
  print(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

Deno.exit(await main());
