/**
 * `deno task bench backfill`: bringing in users who were there before, beside what a script would do: an upsert for each
 * user, and a plain upsert for each page. All read the same simulator, which has no rate limit here.
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";
import { PLAIN_USERS, SMALL_SERVER } from "../postgres.ts";
import { memoryMegabytes } from "../../project/process_usage.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import type { Stack } from "../../dev/stack.ts";
import { startThrowawayStack } from "../../dev/throwaway_stack.ts";
import type { ReconcileReport } from "../../supabase/functions/clerk-reconcile/report.ts";
import { rowOf, type UserData } from "../alternatives/row.ts";
import { type Table } from "../table.ts";
import { startPostgres } from "../../project/postgres_server.ts";

/** The most users that Clerk lists at once. */
const PAGE = 500;
/** An upsert for each takes too long for more. */
const FEW = 5_000;

/** Users brought in, in a second; and the memory of the process that did it, over time. */
interface Speed {
  what: string;
  users: number;
  rate: number;
  memory?: number[];
}

/**
 * Runs the suite.
 *
 * @param users How many.
 * @returns The table.
 */
export async function benchBackfill(users: number): Promise<Table[]> {
  const server = await startPostgres(SMALL_SERVER);
  // A production instance's rate limit is the higher one, and clerk-reconcile keeps to half of it.
  const stack = await startThrowawayStack({ databaseUrl: server.url, clerkKind: "live" });
  try {
    await stack.database.script(PLAIN_USERS);
    seedUsers(stack.clerk.state, users);
    const ours = await backfill(stack, users);
    const batches = await script(stack, "plain upsert for each page of 500", users, (rows) => [rows]);
    const singles = await script(
      stack,
      "an upsert for each user",
      Math.min(users, FEW),
      (rows) => rows.map((row) => [row]),
    );
    return [describe([ours, batches, singles])];
  } finally {
    await stack.stop();
    await server.stop();
  }
}

async function backfill(stack: Stack, users: number): Promise<Speed> {
  const sizes: number[] = [];
  const started = performance.now();
  while (true) {
    const { done, retry_after } = await backfillSlice(stack);
    sizes.push((await memoryMegabytes(await stack.workers.pid("clerk-reconcile"))).now);
    if (done) break;
    await new Promise((resolve) => setTimeout(resolve, retry_after * 1_000));
  }
  const seconds = (performance.now() - started) / 1_000;
  return { what: "ours: clerk-reconcile, in slices", users, rate: users / seconds, memory: sizes };
}

async function backfillSlice({ url, keys }: Stack): Promise<ReconcileReport> {
  const response = await fetch(`${url}/functions/v1/clerk-reconcile`, {
    method: "POST",
    headers: { apikey: keys.secret },
    body: JSON.stringify({ task: "backfill" }),
  });
  if (!response.ok) throw new Error(`Cannot measure: clerk-reconcile answers ${response.status}`);
  return await response.json();
}

async function script(
  { url, keys, clerkUrl, clerk, database }: Stack,
  what: string,
  users: number,
  split: (rows: ReturnType<typeof rowOf>[]) => Array<ReturnType<typeof rowOf>[]>,
): Promise<Speed> {
  await database.script("truncate public.plain_users");
  const supabase = createClient(url, keys.secret, { auth: { persistSession: false, autoRefreshToken: false } });
  const headers = { authorization: `Bearer ${clerk.state.instance.secretKey}` };
  const started = performance.now();
  for (let offset = 0; offset < users; offset += PAGE) {
    const response = await fetch(`${clerkUrl}/v1/users?limit=${PAGE}&offset=${offset}&order_by=%2Bcreated_at`, {
      headers,
    });
    const rows = (await response.json() as UserData[]).map(rowOf);
    for (const some of split(rows)) {
      const { error } = await supabase.from("plain_users").upsert(some, { onConflict: "clerk_user_id" });
      if (error) throw new Error(`Cannot measure ${what}: ${error.message}`);
    }
  }
  return { what, users, rate: users / ((performance.now() - started) / 1_000) };
}

function describe(speeds: Speed[]): Table {
  return {
    title: "Backfill from a Clerk without a rate limit",
    columns: ["ours ÷ this, rate", "what", "users", "users/s", "memory MB, first → most → last"],
    rows: speeds.map(({ what, users, rate, memory: sizes }, index) => [
      index === 0 ? undefined : (speeds[0]!.rate / rate).toFixed(2),
      what,
      users.toLocaleString("en"),
      rate.toFixed(0),
      sizes && [sizes[0]!, Math.max(...sizes), sizes.at(-1)!].map((size) => size.toFixed(0)).join(" → "),
    ]),
  };
}
