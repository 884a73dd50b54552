/**
 * Judges the output of pgTAP like pg_prove.
 *
 * @module
 */

/**
 * Finds the faults in the output of one file.
 *
 * @param output The output of psql, line by line.
 * @returns Each failed assertion with its diagnosis, and any fault of the plan or the numbering; empty if all passed.
 */
export function tapFailures(output: readonly string[]): string[] {
  const failures: string[] = [];
  const plans: number[] = [];
  let assertions = 0;
  let failed = false;
  for (const line of output) {
    const [, plan] = /^1\.\.(\d+)/.exec(line) ?? [];
    const [, not, number] = /^(not )?ok (\d+)/.exec(line) ?? [];
    if (plan !== undefined) plans.push(Number(plan));
    if (number !== undefined) {
      if (Number(number) !== ++assertions) failures.push(`assertion ${assertions} has number ${number}`);
      failed = not !== undefined;
      if (failed) failures.push(line);
    } else if (failed && line.startsWith("#")) failures.push(line);
  }
  if (plans.length !== 1) failures.push(`${plans.length} plans, not one`);
  else if (plans[0] !== assertions) failures.push(`planned ${plans[0]} assertions, ran ${assertions}`);
  if (assertions === 0) failures.push("no assertion ran");
  return failures;
}
