/**
 * What pgTAP prints, judged as pg_prove judges it.
 *
 * @module
 */

/**
 * Finds what is wrong with the output of one file.
 *
 * @param output What psql would print, line by line.
 * @returns Each failed assertion with its diagnosis, and whatever else keeps the file from counting; empty if all holds.
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
