/**
 * Checks that a test fails with each of its mutations.
 *
 * @module
 */
import { withMutation } from "./with_mutation.ts";
import type { Mutation, NamedTest } from "./mutation.ts";
import { type Ending, runNamedTest, type TestRun } from "./run_test.ts";

/** The result of a mutation. `broken` means that the test could not be judged. */
export type Verdict =
  & { mutation: Mutation }
  & ({ kind: "killed"; by: string } | { kind: "survived" } | { kind: "broken"; why: string });

/** The attempts for a broken run, because a test's set-up may fail on a busy machine. */
const ATTEMPTS = 3;

/**
 * Runs a test without a mutation, which must pass, and then with each of its mutations.
 *
 * @param test The test.
 * @param mutations Its mutations.
 * @param run The copy of the project to run the test in.
 * @param report Called with each verdict as soon as it is known.
 */
export async function judge(
  test: NamedTest,
  mutations: readonly Mutation[],
  run: TestRun,
  report: (verdict: Verdict) => void,
): Promise<void> {
  const attempt = () => runNamedTest(test, run);
  const before = await repeatUntil(attempt, ({ kind }) => kind === "passed" || run.stop.aborted);
  for (const mutation of mutations) {
    if (run.stop.aborted) return;
    if (before.kind !== "passed") {
      report({ mutation, kind: "broken", why: `the test fails without the mutation\n${reasonOf(before)}` });
      continue;
    }
    const isOver = ({ kind }: Ending) => kind !== "broken" || run.stop.aborted;
    const after = await withMutation(run.root, mutation, () => repeatUntil(attempt, isOver));
    if (run.stop.aborted) return;
    report(
      after.kind === "broken"
        ? { mutation, kind: "broken", why: `no assertion failed\n${reasonOf(after)}` }
        : after.kind === "failed"
        ? { mutation, kind: "killed", by: after.message }
        : { mutation, kind: "survived" },
    );
  }
}

async function repeatUntil(run: () => Promise<Ending>, isOver: (ending: Ending) => boolean): Promise<Ending> {
  let ending = await run();
  for (let attempt = 1; attempt < ATTEMPTS && !isOver(ending); attempt++) ending = await run();
  return ending;
}

function reasonOf(ending: Exclude<Ending, { kind: "passed" }>): string {
  return ending.kind === "broken" ? ending.output : ending.message;
}
