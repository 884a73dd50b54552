/**
 * Runs a job as a process.
 *
 * @module
 */
import { configArguments, THIS_DENO } from "../../project/jsr/config.ts";
import type { Job } from "./jobs.ts";
import { writeOneModule } from "./one_module.ts";
import { type JobResult, readReport } from "./report.ts";

/** The limit after which a job counts as hanging; the slowest one takes two minutes on a busy machine. */
const DEADLINE_MS = 15 * 60_000;

/**
 * Switches off V8's optimizing compiler of WebAssembly, in every Deno that a test starts too. A test's embedded database
 * ends before the compilation pays off: supabase/tests take 3 s of processor time instead of 5 s.
 */
const QUICK = { DENO_V8_FLAGS: "--liftoff-only" };

/**
 * Runs a job.
 *
 * @param job The job.
 * @param options.flags More flags of `deno test`, such as `--filter profile`.
 * @param options.stop Ends the process.
 * @returns Counts, times, and the process's stdout and stderr as one text.
 */
export async function runJob(job: Job, { flags, stop }: {
  flags: readonly string[];
  stop: AbortSignal;
}): Promise<JobResult> {
  const env = await job.env?.() ?? {};
  const deno = await job.deno?.() ?? THIS_DENO;
  const startedMs = performance.now();
  const reportFile = await Deno.makeTempFile({ suffix: ".xml" });
  const paths = job.isOneModule ? [await writeOneModule(job.name.replaceAll("/", "-"), job.paths)] : job.paths;
  const args = ["test", ...await configArguments(deno), `--junit-path=${reportFile}`, ...job.flags, ...paths];
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  // One stream, so that the output of a test stays beside its result.
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", 'exec "$0" "$@" 2>&1', deno.executable, ...args, ...flags],
    env: { ...QUICK, ...env },
    stdin: "null",
    signal: AbortSignal.any([stop, deadline]),
  }).output();
  const report = await readReport(reportFile);
  await Deno.remove(reportFile);
  const output = new TextDecoder().decode(stdout);
  return {
    ...report,
    job: job.name,
    // The exit code reveals failures that the report does not contain.
    failed: code === 0 ? report.failed : Math.max(report.failed, 1),
    seconds: (performance.now() - startedMs) / 1000,
    output: deadline.aborted ? `${output}\nStopped after ${DEADLINE_MS / 60_000} minutes.\n` : output,
  };
}
