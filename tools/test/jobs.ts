/**
 * Lists the jobs of `deno task test`: each is one `deno test` process with the least permissions that its tests need.
 *
 * @module
 */
import { bundleFunctions } from "../../project/bundles/bundle.ts";
import { ROOT } from "../../project/root.ts";
import { readProject } from "../../project/project.ts";
import { configArguments, type DenoVersion } from "../../project/jsr/config.ts";
import { RUNTIME_DENO_VERSION, runtimeDeno } from "../../project/runtime_deno.ts";

/** One `deno test` process. */
export interface Job {
  /** Identifies the job in the output and in `durations.json`. */
  name: string;
  /** Test files and folders, relative to the repository's root. */
  paths: readonly string[];
  /** Whether the files run in one isolate, imported by one module: see one_module.ts. */
  isOneModule?: boolean;
  /** Flags of `deno test`: permissions, type checks. */
  flags: readonly string[];
  /** Returns the Deno that runs the tests; the default is the one that runs this process. */
  deno?: () => Promise<DenoVersion>;
  /** Returns variables for the process; called when the job starts. */
  env?: () => Promise<Record<string, string>>;
}

/** The programs on this machine that tests can use. */
export interface Machine {
  /** Returns the URL of a server for the tests; undefined if PostgreSQL is not installed. */
  postgresUrl: (() => Promise<string>) | undefined;
  hasChromium: boolean;
  /** The folders in `examples/` whose packages are installed. */
  examples: ReadonlySet<string>;
  /** Whether to run the most expensive tests too; otherwise they run only if they are named. */
  isThorough: boolean;
}

/** A folder of tests. */
interface Folder extends Pick<Job, "flags" | "deno" | "env" | "isOneModule"> {
  path: string;
  /** The name of the one job that runs the whole folder; each file is a job of its own if undefined. */
  job?: string;
}

/** `deno task check` checks the types; checking them in every process would take minutes. */
const NO_CHECK = "--no-check";

/** PGlite reads its files from npm's cache; the simulator listens on this machine. */
const IN_PROCESS = [
  ...["--no-prompt", "--allow-read", "--allow-write", "--allow-env", "--allow-net=127.0.0.1,localhost"],
  NO_CHECK,
];

/** For tests that start servers, Deno, git or a browser. */
const EVERYTHING = ["-A", NO_CHECK];

const NEEDS_NOTHING = ["tests/e2e", "tests/serve", "tests/project", "tests/deploy", "tests/dev", "tests/package"];
const NEEDS_CHROMIUM = ["tests/browser", "tests/examples"];
const NEEDS_POSTGRES = ["tests/postgres", "tests/convergence", "tests/fuzz"];
/** Tests that use embedded databases if PostgreSQL is not installed: tests/helpers/migrated.ts. */
const TAKES_POSTGRES = [
  ...["tests/db", "tests/e2e", "tests/serve", "tests/deploy", "tests/project/snippets_test.ts"],
  ...NEEDS_CHROMIUM,
];

/** The tests of an app in `examples/`, by its folder. */
const TESTS_OF_EXAMPLES: ReadonlyMap<string, string> = new Map(
  ["react", "nextjs", "hono"].map((name) => [`tests/examples/${name}_test.ts`, name]),
);
/**
 * Tests that run only in CI or if they are named: each takes half a minute of a core to compile Next.js, to pack and
 * install the npm package, to fetch every package again, to check a copy of the project with a new function, or to count
 * instructions.
 */
export const THOROUGH = [
  "tests/examples/nextjs_test.ts",
  "tests/package/package_test.ts",
  "tests/dev/first_run_test.ts",
  "tests/postgres/add_function_test.ts",
  "tests/postgres/instructions_test.ts",
];

/** Folders that also run with the deployed form of the functions. */
const DEPLOYED = ["tests/e2e", "tests/serve"];
/**
 * Tests of commands, which are never bundled. Other files of tests/e2e cover the functions that commands call:
 * reconcile and its refusals, webhooks in any order, health, profile. With bundles, these tests run only if they are
 * named.
 */
const ABOUT_COMMANDS = ["tests/e2e/cli_test.ts", "tests/e2e/doctor_test.ts"];

/**
 * Returns the jobs that run tests with the functions' sources.
 *
 * @param machine Without PostgreSQL or Chromium, the folders that need them are left out; without an example's
 *   packages, its tests.
 * @param paths Files and folders to run, relative to the repository's root; everything if empty.
 */
export async function sourceJobs(machine: Machine, paths: readonly string[] = []): Promise<Job[]> {
  const runtime = async () => ({ executable: await runtimeDeno(), version: RUNTIME_DENO_VERSION });
  const edge = { path: "tests/edge_runtime", flags: ["--no-prompt", NO_CHECK, "--allow-read=."] };
  const jobs = await listJobs(
    [
      { path: "tests/unit", flags: ["--no-prompt", NO_CHECK], job: "tests/unit", isOneModule: true },
      {
        path: "supabase/functions/_clerk-supabase",
        flags: ["--no-prompt", NO_CHECK, "--doc"],
        job: "examples in doc comments",
      },
      { ...edge, job: edge.path },
      { ...edge, job: `${edge.path} (Deno ${RUNTIME_DENO_VERSION})`, deno: runtime },
      ...["tests/db", "tests/simulator"].map((path) => ({ path, flags: IN_PROCESS })),
      ...NEEDS_NOTHING.map((path) => ({ path, flags: EVERYTHING })),
      ...machine.hasChromium ? NEEDS_CHROMIUM.map((path) => ({ path, flags: EVERYTHING })) : [],
      ...machine.postgresUrl ? NEEDS_POSTGRES.map((path) => ({ path, flags: EVERYTHING })) : [],
    ],
    paths,
  );
  return jobs.filter(({ name }) => canRun(name, machine) && (isWanted(name, machine) || paths.includes(name)))
    .map((job) => withPostgres(job, machine));
}

/** The apps in `examples/` that have tests. */
export const EXAMPLES: readonly string[] = [...TESTS_OF_EXAMPLES.values()];

function canRun(name: string, { examples }: Machine): boolean {
  const example = TESTS_OF_EXAMPLES.get(name);
  return example === undefined || examples.has(example);
}

const isWanted = (name: string, { isThorough }: Machine) => isThorough || !THOROUGH.includes(name);

/** Adds the URL of the server to the variables of a job, if its tests use one. */
function withPostgres(job: Job, { postgresUrl }: Pick<Machine, "postgresUrl">): Job {
  const isTaken = [...NEEDS_POSTGRES, ...TAKES_POSTGRES].some((path) => isBelow(job.name, path));
  if (!postgresUrl || !isTaken) return job;
  return { ...job, env: async () => ({ ...await job.env?.(), TEST_POSTGRES_URL: await postgresUrl() }) };
}

/**
 * Returns the jobs that run the functions in their deployed form: as bundles, in the Edge Runtime's Deno.
 *
 * @param machine The programs on this machine.
 * @param paths Files and folders to run, relative to the repository's root; everything if empty.
 */
export async function deployedJobs(
  machine: Pick<Machine, "postgresUrl">,
  paths: readonly string[] = [],
): Promise<Job[]> {
  let bundles: Promise<URL> | undefined;
  const env = async () => ({ TEST_BUNDLES: (await (bundles ??= bundleAll())).href });
  const folders = DEPLOYED.map((path) => ({ path, flags: EVERYTHING, env }));
  const jobs = (await listJobs(folders, paths)).filter(({ name }) =>
    !ABOUT_COMMANDS.includes(name) || paths.includes(name)
  );
  return jobs.map((job) => ({ ...withPostgres(job, machine), name: `${job.name} (bundles)` }));
}

async function bundleAll(): Promise<URL> {
  const into = new URL(".cache/test-bundles/", ROOT);
  await bundleFunctions({ project: await readProject(), config: await configArguments(), into });
  return into;
}

async function listJobs(folders: readonly Folder[], paths: readonly string[]): Promise<Job[]> {
  return (await Promise.all(folders.map((folder) => jobsOf(folder, paths)))).flat();
}

/** Returns the jobs of a folder, or only those of selected paths inside it. */
async function jobsOf({ path, job, ...how }: Folder, paths: readonly string[]): Promise<Job[]> {
  const isWhole = paths.length === 0 || paths.some((selected) => isBelow(path, selected));
  const inside = paths.filter((selected) => selected !== path && isBelow(selected, path));
  if (!isWhole && inside.length === 0) return [];
  if (job !== undefined) return [{ ...how, name: job, paths: isWhole ? [path] : inside }];
  const files = await testFilesIn(path);
  return files.filter((file) => isWhole || inside.some((selected) => isBelow(file, selected)))
    .map((file) => ({ ...how, name: file, paths: [file] }));
}

const isBelow = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

async function testFilesIn(folder: string): Promise<string[]> {
  const files = [];
  for await (const { name } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    if (name.endsWith("_test.ts")) files.push(`${folder}/${name}`);
  }
  if (files.length === 0) throw new Error(`Cannot list the tests: ${folder} has none`);
  return files;
}
