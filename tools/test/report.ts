/**
 * Reads and prints the results of finished jobs of `deno task test`.
 *
 * @module
 */

/** A finished test. */
export interface TestTime {
  name: string;
  seconds: number;
}

/** Counts and times of one `deno test` process. */
export interface TestReport {
  passed: number;
  failed: number;
  /** Tests that were ignored or filtered out. */
  skipped: number;
  tests: TestTime[];
}

/** A finished job. */
export interface JobResult extends TestReport {
  /** The job's name. */
  job: string;
  seconds: number;
  output: string;
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * Reads the JUnit report that `deno test --junit-path` writes.
 *
 * @param file The report's path. An empty report, as after an early failure, counts as no tests.
 */
export async function readReport(file: string): Promise<TestReport> {
  const xml = await Deno.readTextFile(file);
  const total = (name: string) => Number(new RegExp(`<testsuites [^>]*${name}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  const failed = total("failures") + total("errors");
  const skipped = xml.split("<skipped").length - 1;
  const times = xml.matchAll(/<testcase name="([^"]*)"[^>]* time="([\d.]+)"/g);
  return {
    passed: total("tests") - skipped - failed,
    ...{ failed, skipped },
    tests: Array.from(times, ([, name, seconds]) => ({ name: unescapeXml(name!), seconds: Number(seconds) })),
  };
}

function unescapeXml(text: string): string {
  return text.replaceAll(/&(\w+);/g, (entity, name: string) => ENTITIES[name] ?? entity);
}

/**
 * Returns the text to print for a finished job: one line, and the whole output if it failed.
 *
 * @param result The job's result.
 * @param progress The number of finished jobs, and of all jobs.
 */
export function describeResult(result: JobResult, progress: { ended: number; all: number }): string {
  const { job, passed, failed, skipped, seconds, output } = result;
  const counts = [`${passed} passed`, ...failed ? [`${failed} failed`] : [], ...skipped ? [`${skipped} skipped`] : []];
  const line = `[${progress.ended}/${progress.all}] ${failed ? "FAILED" : "ok"} ${job}: ${counts.join(", ")}, ` +
    `${seconds.toFixed(1)} s`;
  return failed ? `${line}\n${output.trimEnd()}\n` : line;
}

/** Returns the slowest tests as lines, the slowest first. */
export function describeSlowest(results: readonly JobResult[], count: number): string[] {
  const tests = results.flatMap(({ job, tests }) => tests.map((test) => ({ ...test, job })));
  const slowest = tests.sort((a, b) => b.seconds - a.seconds).slice(0, count);
  return slowest.map(({ job, name, seconds }) => `  ${seconds.toFixed(1).padStart(5)} s  ${name} (${job})`);
}
