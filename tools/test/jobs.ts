/**
 * The jobs of `deno task test`: each is one `deno test` process with the narrowest permissions that its tests allow.
 *
 * @module
 */
import { bundleFunctions } from "../../cli/deploy/bundle.ts";
import { readProject, ROOT } from "../../dev/project.ts";
import { configArguments, type DenoVersion, THIS_DENO } from "../jsr/config.ts";
import { RUNTIME_DENO_VERSION, runtimeDeno } from "../runtime_deno.ts";

/** One `deno test` process. */
export interface Job {
  /** Identifies the job in the output and in `durations.json`. */
  name: string;
  /** Test files and folders, relative to the repository's root. */
  paths: readonly string[];
  /** Flags of `deno test`: permissions, type checks. */
  flags: readonly string[];
  /** The Deno that runs the tests. */
  deno: DenoVersion;
  /** Returns variables of the process; called when the job starts. */
  env?: () => Promise<Record<string, string>>;
}

/** What the machine offers to the tests. */
export interface Machine {
  /** `postgresql://…` of a server that the tests may fill; undefined if PostgreSQL is not installed. */
  postgresUrl: string | undefined;
  hasChromium: boolean;
}

/** Types are checked by `deno task check`; checking them in every process would take minutes. */
const NO_CHECK = "--no-check";

/** PGlite reads its files from npm's cache; the simulator listens on this machine. */
const IN_PROCESS = ["--no-prompt", "--allow-read", "--allow-write", "--allow-env", "--allow-net=127.0.0.1,localhost"];

/** Folders whose files run one by one, with the flags that each file needs. They start servers, Deno, git or a browser. */
const FILE_BY_FILE: Array<[folder: string, flags: readonly string[]]> = [
  ["tests/db", [...IN_PROCESS, NO_CHECK]],
  ["tests/simulator", [...IN_PROCESS, NO_CHECK]],
  ["tests/e2e", ["-A", NO_CHECK]],
  ["tests/serve", ["-A", NO_CHECK]],
  ["tests/project", ["-A", NO_CHECK]],
  ["tests/deploy", ["-A", NO_CHECK]],
  ["tests/dev", ["-A", NO_CHECK]],
];

const NEEDS_POSTGRES = ["tests/postgres", "tests/convergence", "tests/fuzz"];
const NEEDS_CHROMIUM = ["tests/browser"];

/** Folders that also run with the functions as they are deployed. */
const DEPLOYED = ["tests/e2e", "tests/serve"];

/**
 * Returns the jobs that run every test with the functions' sources.
 *
 * @param machine Without PostgreSQL or Chromium, the folders that need them are left out.
 */
export async function sourceJobs(machine: Machine): Promise<Job[]> {
  const runtime = { executable: await runtimeDeno(), version: RUNTIME_DENO_VERSION };
  const edge = { paths: ["tests/edge_runtime"], flags: ["--no-prompt", NO_CHECK, "--allow-read=."] };
  const { postgresUrl } = machine;
  return [
    { name: "tests/unit", paths: ["tests/unit"], flags: ["--no-prompt", NO_CHECK], deno: THIS_DENO },
    // Only here are the types of the examples checked.
    { name: "examples", paths: ["supabase/functions/_shared"], flags: ["--no-prompt", "--doc"], deno: THIS_DENO },
    { name: "tests/edge_runtime", ...edge, deno: THIS_DENO },
    { name: `tests/edge_runtime (Deno ${RUNTIME_DENO_VERSION})`, ...edge, deno: runtime },
    ...(await Promise.all(FILE_BY_FILE.map(([folder, flags]) => jobsIn(folder, flags)))).flat(),
    ...machine.hasChromium ? await jobsInAll(NEEDS_CHROMIUM) : [],
    ...postgresUrl
      ? await jobsInAll(NEEDS_POSTGRES, { env: () => Promise.resolve({ TEST_POSTGRES_URL: postgresUrl }) })
      : [],
  ];
}

/** Returns the jobs that run the functions as they are deployed: bundles, in the Edge Runtime's Deno. */
export async function deployedJobs(): Promise<Job[]> {
  let bundles: Promise<URL> | undefined;
  const env = async () => ({ TEST_BUNDLES: (await (bundles ??= makeBundles())).href });
  const jobs = await jobsInAll(DEPLOYED, { env });
  return jobs.map((job) => ({ ...job, name: `${job.name} (bundles)` }));
}

async function makeBundles(): Promise<URL> {
  const into = new URL(".cache/test-bundles/", ROOT);
  await bundleFunctions({ project: await readProject(), config: await configArguments(), into });
  return into;
}

/**
 * Keeps the jobs that a person asked for.
 *
 * @param jobs The jobs.
 * @param paths Files and folders, relative to the repository's root; all jobs if empty.
 * @returns The jobs of these paths. A job of a folder is narrowed to the files asked for.
 */
export function selectJobs(jobs: readonly Job[], paths: readonly string[]): Job[] {
  if (paths.length === 0) return [...jobs];
  const isBelow = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
  return jobs.flatMap((job) => {
    const whole = job.paths.filter((own) => paths.some((path) => isBelow(own, path)));
    const parts = paths.filter((path) => job.paths.some((own) => path !== own && isBelow(path, own)));
    const selected = [...whole, ...parts];
    return selected.length === 0 ? [] : [{ ...job, paths: selected }];
  });
}

async function jobsInAll(folders: readonly string[], more: Pick<Job, "env"> = {}): Promise<Job[]> {
  return (await Promise.all(folders.map((folder) => jobsIn(folder, ["-A", NO_CHECK], more)))).flat();
}

async function jobsIn(folder: string, flags: readonly string[], more: Pick<Job, "env"> = {}): Promise<Job[]> {
  const files = [];
  for await (const { name } of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    if (name.endsWith("_test.ts")) files.push(`${folder}/${name}`);
  }
  if (files.length === 0) throw new Error(`Cannot list the tests: ${folder} has none`);
  return files.map((file) => ({ name: file, paths: [file], flags, deno: THIS_DENO, ...more }));
}
