/**
 * Delivers random histories through a driver and compares the resulting states with the model.
 *
 * CI tries 200 histories and `deno task test` 50; HISTORIES=5000 sets the number. HISTORY=file.json replays one, such
 * as the file that a failure leaves.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type postgres from "postgres";
import { deliveriesOf, type Delivery, histories, type History } from "./history.ts";
import { expectedState } from "./model.ts";
import { forgetAll } from "../helpers/database/postgres.ts";
import { actualState, brokenRules, FEWEST_BACKENDS, lostMessages, watchBackends } from "./observe.ts";

/** A way to deliver messages to the database. */
export interface Driver {
  name: string;
  /** The number of concurrent workers. */
  workers: number;
  largestBatch: number;
  maxMessages: number;
  /** Users whose profiles a planted constraint refuses; none by default. */
  refusedUsers?: readonly string[];
  /** Whether the project has an own column, `phone_number`. */
  withOwnColumn: boolean;
  /** Delivers messages; throws unless it succeeds. `worker` is 0 to `workers - 1`. */
  deliver: (delivery: Delivery, history: History, worker: number) => Promise<void>;
  /** Checks the database further after a history; throws if it finds a fault. */
  check?: (history: History) => Promise<void>;
}

/** How long to search for a smaller failing history, in milliseconds. */
const TIME_TO_SHRINK = 30_000;

/** Runs histories; fails if a state differs from the model, or if too few backends ran concurrently. */
export async function converge(driver: Driver, owner: postgres.Sql, watcher: postgres.Sql): Promise<void> {
  const counts = { histories: 0, messages: 0, deliveries: 0, tied: 0 };
  const backends = watchBackends(watcher);
  let giveUpAt = Infinity;
  const check = async (history: History) => {
    // When the time for shrinking is over, every history passes, so the smallest failing history so far is the result.
    if (Date.now() > giveUpAt) return;
    const deliveries = deliveriesOf(history, driver.largestBatch);
    counts.histories++;
    counts.messages += history.messages.length;
    counts.deliveries += deliveries.length;
    counts.tied += hasTie(history) ? 1 : 0;
    await forgetAll(owner);
    await owner`truncate clerk.kept_events`;
    try {
      await deliverAll(driver, history, deliveries);
      const accepted = withoutRefused(history, driver.refusedUsers ?? []);
      assertEquals(await lostMessages(owner, accepted), []);
      assertEquals(await actualState(owner), expectedState(accepted));
      assertEquals(await brokenRules(owner), []);
      await driver.check?.(accepted);
    } catch (error) {
      giveUpAt = Math.min(giveUpAt, Date.now() + TIME_TO_SHRINK);
      throw error;
    }
  };
  try {
    const replayed = Deno.env.get("HISTORY");
    if (replayed) return await check(JSON.parse(await Deno.readTextFile(replayed)));
    const numRuns = Number(Deno.env.get("HISTORIES") ?? (Deno.env.has("CI") ? 200 : 50));
    const result = await fc.check(fc.asyncProperty(histories(driver.maxMessages, driver.withOwnColumn), check), {
      numRuns,
    });
    if (result.failed) throw await failure(driver, result);
  } finally {
    await backends.stop();
    report(driver, { ...counts, "backends at once": backends.most() });
  }
  assertEquals(
    backends.most() >= FEWEST_BACKENDS,
    true,
    `only ${backends.most()} backends ran concurrently (at least ${FEWEST_BACKENDS})`,
  );
}

/** Returns the history as if Clerk had never sent the refused users' profiles. */
function withoutRefused(history: History, refusedUsers: readonly string[]): History {
  const messages = history.messages.filter((one) => !("profile" in one && refusedUsers.includes(one.profile.user)));
  return { ...history, messages };
}

async function deliverAll(driver: Driver, history: History, deliveries: Delivery[]): Promise<void> {
  const queue = [...deliveries];
  await Promise.all(Array.from({ length: driver.workers }, async (_, worker) => {
    for (let delivery = queue.shift(); delivery; delivery = queue.shift()) {
      await driver.deliver(delivery, history, worker);
    }
  }));
}

/** Returns whether two profiles of one user have the same version. */
function hasTie({ messages }: History): boolean {
  const seen = new Set<string>();
  return messages.some((message) => {
    if (!("profile" in message)) return false;
    const key = `${message.profile.user} ${message.profile.updatedAt}`;
    return seen.size === seen.add(key).size;
  });
}

/** Saves the smallest failing history for a replay. */
async function failure(driver: Driver, result: fc.RunDetails<[History]>): Promise<Error> {
  const [history] = result.counterexample!;
  const file = new URL("../../.cache/failed-history.json", import.meta.url);
  await Deno.mkdir(new URL(".", file), { recursive: true });
  await Deno.writeTextFile(file, JSON.stringify(history, null, 2));
  return new Error(
    `${driver.name}: a history of ${history.messages.length} messages (after ${result.numShrinks} shrinks) leads elsewhere. ` +
      "Replay it with HISTORY=.cache/failed-history.json deno task test",
    { cause: result.errorInstance },
  );
}

function report({ name }: Driver, counts: Record<string, number>): void {
  const text = Object.entries(counts).map(([key, value]) => `${value} ${key}`).join(", ");
  // deno-lint-ignore no-console -- the counts are part of the result
  console.log(`convergence, ${name}: ${text}`);
}
