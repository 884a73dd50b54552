/**
 * Runs one named test in its own process.
 *
 * @module
 */
import type { NamedTest } from "./mutation.ts";

/** The result of a test. A test that did not run, hung, or failed without an assertion is `broken`. */
export type Ending = { kind: "passed" } | { kind: "failed"; message: string } | { kind: "broken"; output: string };

/** The limit after which a test counts as hanging. */
const DEADLINE_MS = 10 * 60_000;

/** The environment of a test. */
export interface TestRun {
  /** The project's folder. */
  root: URL;
  /** The arguments for Deno's configuration. */
  config: readonly string[];
  env: Record<string, string>;
  stop: AbortSignal;
}

/**
 * Runs one test by its exact name.
 *
 * @param test The test.
 * @param run The environment.
 */
export async function runNamedTest({ file, name }: NamedTest, run: TestRun): Promise<Ending> {
  const { root, config, env, stop } = run;
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const flags = ["-A", "--no-check", `--junit-path=${report}`, "--filter", `/^${escapePattern(name)}$/`];
  try {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", ...config, ...flags, file],
      cwd: root,
      env: { ...env, NO_COLOR: "1" },
      stdin: "null",
      signal: AbortSignal.any([stop, AbortSignal.timeout(DEADLINE_MS)]),
    }).output();
    const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return readEnding(await Deno.readTextFile(report), name, output);
  } finally {
    await Deno.remove(report);
  }
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/**
 * Reads the result of a test from a JUnit report.
 *
 * @param xml The report; empty if no test ran, such as after a syntax error.
 * @param name The test's name.
 * @param output What the process printed.
 */
export function readEnding(xml: string, name: string, output: string): Ending {
  const testcase = new RegExp(`<testcase name="${escapePattern(escapeXml(name))}"([^>]*)>(.*?)</testcase>`, "s");
  const [, attributes = "", body = ""] = testcase.exec(xml) ?? [];
  // Tests that did not run have no time.
  if (!attributes.includes(' time="')) return { kind: "broken", output };
  if (body.trim() === "") return { kind: "passed" };
  // An error outside of the test, such as an unhandled rejection, cancels the test: <error message="Cancelled"/>.
  const [, message = ""] = /<failure message="([^"]*)"/.exec(body) ?? [];
  const isAssertion = /^Uncaught (\(in promise\) )?AssertionError\b/.test(message) ||
    /^Caused by: AssertionError\b/m.test(body);
  return isAssertion
    ? { kind: "failed", message: unescapeXml(message).replaceAll(/\s+/g, " ") }
    : { kind: "broken", output };
}

const ENTITIES: Array<[character: string, entity: string]> = [
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&apos;"],
];

function escapeXml(text: string): string {
  return ENTITIES.reduce((rest, [character, entity]) => rest.replaceAll(character, entity), text);
}

function unescapeXml(xml: string): string {
  return ENTITIES.toReversed().reduce((rest, [character, entity]) => rest.replaceAll(entity, character), xml);
}
