/**
 * Runs backfills whose function is killed, as the platform kills a worker.
 *
 * @module
 */
import { assert } from "@std/assert";
import { killFunction } from "./kill_function.ts";
import { endLease, reconcile } from "./reconcile.ts";
import type { TestStack } from "./stack.ts";

/** Called with a response that refuses a second slice, because a killed process holds the lease. */
export type Refused = (response: Response) => Promise<void>;

/** Milliseconds between two looks at the table. A full-size backfill takes longer than `eventually()` waits. */
const LOOK_INTERVAL_MS = 10;

const ignore: Refused = async (response) => void await response.body?.cancel();

/**
 * Backfills slice after slice, and kills the function when a table has a number of rows.
 *
 * @param stack The stack.
 * @param table The table to watch.
 * @param rows The number of its rows.
 * @param refused See {@link Refused}.
 * @returns Whether a slice was cut off; the kill can also come between two slices.
 */
export async function backfillUntilKilled(
  stack: TestStack,
  table: "users" | "organization_memberships",
  rows: number,
  refused: Refused = ignore,
): Promise<boolean> {
  let [isKilled, isCutOff] = [false, false];
  const kill = async () => {
    while (await countRows(stack, table) < rows) await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
    await killFunction(stack, "clerk-reconcile", () => isKilled = true);
  };
  const backfill = async () => {
    while (!isKilled) {
      const response = await nextSlice(stack, refused);
      const text = await response.text();
      isCutOff = !response.ok;
      assert(response.ok || isKilled && response.status >= 500, `${response.status} ${text}`);
    }
  };
  // Together, so that a failed slice fails the test, and not the look at a database that has ended.
  await Promise.all([kill(), backfill()]);
  return isCutOff;
}

/**
 * Backfills one more slice. Ends the lease of a killed process, for which a caller would wait up to a minute.
 *
 * @param stack The stack.
 * @param refused See {@link Refused}.
 * @returns The slice's response.
 */
export async function nextSlice(stack: TestStack, refused: Refused = ignore): Promise<Response> {
  while (true) {
    const response = await reconcile(stack, { task: "backfill" });
    if (response.status !== 409) return response;
    await refused(response);
    // Again after each refusal, because a statement that the killed process sent can extend the lease.
    await endLease(stack);
  }
}

async function countRows({ database }: TestStack, table: string): Promise<number> {
  return Number((await database.query(`select count(*)::int as n from public.${table}`))[0]!.n);
}
