/**
 * `deno task bench backfill`: imports existing users, compared with a script (a plain upsert for each page, and one for
 * each user) and with a webhook for each user; then runs a sweep and `status`. All read the same simulator, which has
 * no rate limit here.
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";
import { PLAIN_USERS, SMALL_SERVER } from "../postgres.ts";
import { runCpuSeconds } from "../machine.ts";
import { memoryMegabytes } from "../../project/process_usage.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import type { Stack } from "../../dev/stack.ts";
import { startThrowawayStack } from "../../dev/throwaway_stack.ts";
import type { ReconcileReport } from "../../supabase/functions/clerk-reconcile/report.ts";
import { rowOf, type UserData } from "../alternatives/row.ts";
import { newUserWebhook, OURS, post } from "../row_stack.ts";
import { median } from "../statistics.ts";
import { type Table } from "../table.ts";
import { startPostgres } from "../../project/postgres_server.ts";

/** The most users that Clerk lists at once. */
const PAGE = 500;
/** An upsert for each takes too long for more. */
const FEW = 5_000;

/** Their rate does not depend on how many there are. */
const MANY = 100_000;
/** All of them came in 2025: the database refuses a user of the future. */
const YEAR_MS = 365 * 24 * 3_600_000;
/** Webhooks at once, as Svix sends an import's. */
const IN_FLIGHT = 8;

/** Users brought in, in a second; and the memory of the process that did it, over time. */
interface Speed {
  what: string;
  users: number;
  seconds: number;
  /** Of all processes: simulator, function, Data API and database. */
  cpuSeconds: number;
  memory?: number[];
}

/** Runs something about so many users. */
async function time(what: string, users: number, run: () => Promise<number[] | void>): Promise<Speed> {
  const [started, cpuBefore] = [performance.now(), await runCpuSeconds()];
  const memory = await run();
  const seconds = (performance.now() - started) / 1_000;
  return { what, users, seconds, cpuSeconds: await runCpuSeconds() - cpuBefore, ...memory && { memory } };
}

/**
 * Runs the suite.
 *
 * @param users How many.
 * @returns The tables.
 */
export async function benchBackfill(users: number): Promise<Table[]> {
  const server = await startPostgres(SMALL_SERVER);
  // A production instance's rate limit is the higher one, and clerk-reconcile keeps to half of it.
  const stack = await startThrowawayStack({ databaseUrl: server.url, clerkKind: "live" });
  try {
    await stack.database.script(PLAIN_USERS);
    seedUsers(stack.clerk.state, users, { interval: Math.floor(YEAR_MS / users) });
    const ours = await runTask(stack, "backfill", users);
    await requireUsers(stack, users);
    const many = Math.min(users, MANY);
    const batches = await script(stack, "plain upsert for each page of 500", many, (rows) => [rows]);
    const few = Math.min(users, FEW);
    const singles = await script(stack, "an upsert for each user", few, (rows) => rows.map((row) => [row]));
    const sweep = await runTask(stack, "sweep", users);
    await requireUsers(stack, users);
    const status = await timeStatus(stack);
    // Their users are not in Clerk's list, so they come last.
    const webhooks = await sendWebhooks(stack, few);
    return [describe([ours, batches, singles, webhooks]), describeUpkeep(sweep, status)];
  } finally {
    await stack.stop();
    await server.stop();
  }
}

async function runTask(stack: Stack, task: "backfill" | "sweep", users: number): Promise<Speed> {
  return await time(`ours: clerk-reconcile, ${task}, in slices`, users, async () => {
    const memory: number[] = [];
    while (true) {
      const { done, retry_after } = await runSlice(stack, task);
      memory.push((await memoryMegabytes(await stack.workers.pid("clerk-reconcile"))).now);
      if (done) return memory;
      await new Promise((resolve) => setTimeout(resolve, retry_after * 1_000));
    }
  });
}

/** Throws if users were refused, because refusals are cheap and would improve our figures. */
async function requireUsers({ database }: Stack, users: number): Promise<void> {
  const [row] = await database.query("select count(*)::int as users from public.users");
  if (row!.users !== users) throw new Error(`Cannot measure: ${row!.users} of ${users} users have a row`);
}

async function runSlice(stack: Stack, task: string): Promise<ReconcileReport> {
  return await (await callReconcile(stack, { method: "POST", body: JSON.stringify({ task }) })).json();
}

async function callReconcile({ url, keys }: Stack, init: RequestInit): Promise<Response> {
  const response = await fetch(`${url}/functions/v1/clerk-reconcile`, { ...init, headers: { apikey: keys.secret } });
  if (!response.ok) throw new Error(`Cannot measure: clerk-reconcile answers ${response.status}`);
  return response;
}

/** Milliseconds of each of some calls. */
async function timeStatus(stack: Stack): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < 5; call++) {
    const started = performance.now();
    await (await callReconcile(stack, { method: "GET" })).body?.cancel();
    times.push(performance.now() - started);
  }
  return times;
}

async function sendWebhooks(stack: Stack, users: number): Promise<Speed> {
  let left = users;
  await post(stack, OURS, newUserWebhook(stack).request);
  return await time(`a webhook for each user, ${IN_FLIGHT} in flight`, users, async () => {
    await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
      while (left-- > 0) {
        const status = await post(stack, OURS, newUserWebhook(stack).request);
        if (status !== 200) throw new Error(`Cannot measure: clerk-webhook answers ${status}`);
      }
    }));
  });
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
  return await time(what, users, async () => {
    for (let offset = 0; offset < users; offset += PAGE) {
      const page = `${clerkUrl}/v1/users?limit=${PAGE}&offset=${offset}&order_by=%2Bcreated_at`;
      const rows = (await (await fetch(page, { headers })).json() as UserData[]).map(rowOf);
      for (const some of split(rows)) {
        const { error } = await supabase.from("plain_users").upsert(some, { onConflict: "clerk_user_id" });
        if (error) throw new Error(`Cannot measure ${what}: ${error.message}`);
      }
    }
  });
}

function describe(speeds: Speed[]): Table {
  const [ours] = speeds as [Speed];
  const rateOf = ({ users, seconds }: Speed) => users / seconds;
  const cpuOf = ({ users, cpuSeconds }: Speed) => cpuSeconds * 1_000 / users;
  return {
    title: "Backfill from a Clerk without a rate limit",
    columns: [
      ...["ours ÷ this, rate", "ours ÷ this, CPU", "what", "users", "users/s", "CPU ms/user of all processes"],
      "memory MB, first → most → last",
    ],
    rows: speeds.map((speed) => [
      speed === ours ? undefined : (rateOf(ours) / rateOf(speed)).toFixed(2),
      speed === ours ? undefined : (cpuOf(ours) / cpuOf(speed)).toFixed(2),
      speed.what,
      speed.users.toLocaleString("en"),
      rateOf(speed).toFixed(0),
      cpuOf(speed).toFixed(3),
      speed.memory && describeMemory(speed.memory),
    ]),
  };
}

const describeMemory = (memory: number[]) =>
  [memory[0]!, Math.max(...memory), memory.at(-1)!].map((size) => size.toFixed(0)).join(" → ");

function describeUpkeep({ users, seconds, memory }: Speed, status: number[]): Table {
  return {
    title: `Upkeep of ${users.toLocaleString("en")} users`,
    columns: ["what", "seconds", "calls", "memory MB, first → most → last"],
    rows: [
      ["a sweep: every row compared with Clerk", seconds.toFixed(1), memory!.length, describeMemory(memory!)],
      ["status", (median(status) / 1_000).toFixed(2), status.length, undefined],
    ],
  };
}
