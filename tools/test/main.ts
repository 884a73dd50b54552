/**
 * `deno task test`: runs every test, on one worker more than there are cores.
 *
 * Files and folders select tests; flags are passed on to `deno test`, such as `--filter profile`. With `--deployed`
 * first, only the tests that call functions run, with the functions as they are deployed. `--save-durations` records
 * how long each job took, which decides the order of the next runs.
 *
 * @module
 */
import { ROOT } from "../../project/root.ts";
import { jsrAnswers, STAND_INS_IN_USE } from "../../project/jsr/config.ts";
import { isPostgresInstalled, type PostgresServer, startPostgres } from "../../project/postgres_server.ts";
import { deployedJobs, EXAMPLES, type Job, type Machine, sourceJobs, THOROUGH } from "./jobs.ts";
import { runLongestFirst } from "./queue.ts";
import { describeResult, describeSlowest, type JobResult } from "./report.ts";
import { runJob } from "./run_job.ts";
import { readSelection, type Selection } from "./selection.ts";

const NO_POSTGRES =
  "PostgreSQL is not installed: tests/postgres, tests/convergence and tests/fuzz are skipped, and other tests take longer on embedded databases. Install it, for example with apt-get install postgresql.";
const NO_CHROMIUM =
  "/usr/bin/chromium is missing: tests/browser and tests/examples are skipped. Install it, for example with apt-get install chromium.";
const noPackages = (names: readonly string[]) =>
  `The packages of ${names.map((name) => `examples/${name}`).join(", ")} are not installed: ${
    names.map((name) => `tests/examples/${name}_test.ts`).join(", ")
  } is skipped. Install them with npm ci in each of these folders.`;
const NOT_THOROUGH = `CI also runs ${THOROUGH.join(", ")}; so do their names.`;
const ONLY_SOURCES =
  "The functions ran from their sources. CI also runs tests/e2e with bundles in the Edge Runtime's Deno; so does deno task test:deployed.";

/**
 * A job waits for an eighth of its time, for a process to start or for a time limit to pass. Another job fills the gaps:
 * measured on two cores, 13 % of their time was idle without it, and 3 % with it.
 */
const WAITING_WORKERS = 1;

const DURATIONS = new URL("durations.json", import.meta.url);

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

async function isPath(text: string): Promise<boolean> {
  return await Deno.stat(new URL(text, ROOT)).then(() => true, () => false);
}

/** Prints a line for each missing program; in CI, a missing program is an error. */
function requireInCi(isThere: boolean, message: string): void {
  if (isThere) return;
  if (Deno.env.has("CI")) throw new Error(message);
  print(message);
}

/** Returns the apps that have their packages, and tells of the others if their tests are asked for. */
async function findExamples({ onlyDeployed, paths }: Selection): Promise<ReadonlySet<string>> {
  const installed = await Promise.all(
    EXAMPLES.map((name) => isPath(`examples/${name}/node_modules/.package-lock.json`)),
  );
  const missing = EXAMPLES.filter((_, index) => !installed[index]);
  const isAsked = paths.length === 0 || paths.some((path) => path.startsWith("tests/examples"));
  if (!onlyDeployed && isAsked) requireInCi(missing.length === 0, noPackages(missing));
  if (!onlyDeployed && paths.length === 0 && !Deno.env.has("CI")) print(NOT_THOROUGH);
  return new Set(EXAMPLES.filter((name) => !missing.includes(name)));
}

async function listJobs(machine: Machine, { onlyDeployed, paths }: Selection): Promise<Job[]> {
  const sources = onlyDeployed ? [] : await sourceJobs(machine, paths);
  const deployed = onlyDeployed || Deno.env.has("CI") ? await deployedJobs(machine, paths) : [];
  return [...sources, ...deployed];
}

async function runJobs(jobs: readonly Job[], flags: readonly string[], stop: AbortSignal): Promise<JobResult[]> {
  const expected: Record<string, number> = JSON.parse(await Deno.readTextFile(DURATIONS));
  const results: JobResult[] = [];
  await runLongestFirst(jobs, {
    workers: navigator.hardwareConcurrency + WAITING_WORKERS,
    expectedSeconds: ({ name }) => expected[name],
    run: async (job) => {
      if (stop.aborted) return;
      const result = await runJob(job, { flags, stop });
      results.push(result);
      const hasRun = result.passed + result.failed > 0;
      if (hasRun && !stop.aborted) print(describeResult(result, { ended: results.length, all: jobs.length }));
    },
  });
  return results;
}

async function saveDurations(results: readonly JobResult[]): Promise<void> {
  const entries = results.map(({ job, seconds }) => [job, Math.ceil(seconds)] as const);
  const sorted = entries.sort(([, a], [, b]) => b - a);
  await Deno.writeTextFile(DURATIONS, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

function summarize(results: readonly JobResult[]): number {
  const sum = (count: (result: JobResult) => number) => results.reduce((total, result) => total + count(result), 0);
  const [passed, failed] = [sum((result) => result.passed), sum((result) => result.failed)];
  if (passed + failed === 0) print(`No test matches ${Deno.args.join(" ")}.`);
  else print(["\nThe slowest tests:", ...describeSlowest(results, 10)].join("\n"));
  const broken = results.filter((result) => result.failed > 0).map(({ job }) => `  ${job}`);
  if (broken.length > 0) print(["\nFailed, with their output above:", ...broken].join("\n"));
  print(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** Stops the running jobs, and then the server, on Ctrl-C. */
function listenForStop(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop.abort());
  return stop.signal;
}

/** One server for all jobs, started when the first job needs it. */
function shareServer(): { url: () => Promise<string>; stop: () => Promise<void> } {
  let server: Promise<PostgresServer> | undefined;
  return {
    url: async () => (await (server ??= startPostgres())).url,
    stop: async () => await (await server)?.stop(),
  };
}

async function main(): Promise<number> {
  const selection = await readSelection(Deno.args, isPath);
  if (selection.unknown.length > 0) {
    print(`Cannot find ${selection.unknown.join(", ")}. Give files or folders such as tests/e2e, or --filter <name>.`);
    return 1;
  }
  if (!await jsrAnswers()) print(STAND_INS_IN_USE);
  const [hasPostgres, hasChromium] = [await isPostgresInstalled(), await isPath("/usr/bin/chromium")];
  if (!selection.onlyDeployed) {
    requireInCi(hasPostgres, NO_POSTGRES);
    requireInCi(hasChromium, NO_CHROMIUM);
  }
  const examples = await findExamples(selection);
  const [stop, server] = [listenForStop(), shareServer()];
  try {
    const postgresUrl = hasPostgres ? server.url : undefined;
    const isThorough = Deno.env.has("CI");
    const jobs = await listJobs({ postgresUrl, hasChromium, examples, isThorough }, selection);
    const results = await runJobs(jobs, selection.flags, stop);
    if (stop.aborted) return 130;
    if (selection.saveDurations) await saveDurations(results);
    if (selection.paths.length === 0 && !selection.onlyDeployed && !Deno.env.has("CI")) print(ONLY_SOURCES);
    return summarize(results);
  } finally {
    await server.stop();
  }
}

Deno.exit(await main());
