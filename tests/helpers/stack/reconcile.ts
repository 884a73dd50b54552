/**
 * Calls clerk-reconcile, and compares the table with Clerk's users.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { User } from "../../../dev/clerk/users.ts";
import type { ReconcileReport } from "../../../supabase/functions/clerk-reconcile/report.ts";
import type { TestStack } from "./stack.ts";

/** Options of a request. */
export type Ask = Record<string, unknown>;

/** Calls it with the project's secret key. */
export function reconcile({ call, keys }: TestStack, ask: Ask = {}, name = "clerk-reconcile"): Promise<Response> {
  return call(name, { method: "POST", headers: { apikey: keys.secret }, body: JSON.stringify(ask) });
}

/** Calls it and requires a report. */
export async function report(stack: TestStack, ask: Ask = {}, name?: string): Promise<ReconcileReport> {
  return await readReport(await reconcile(stack, ask, name));
}

/** Requires that a response is a report, and returns it. */
export async function readReport(response: Response): Promise<ReconcileReport> {
  const text = await response.text();
  assertEquals(response.status, 200, text);
  return JSON.parse(text);
}

/** Ends the lease of a killed process, which would expire within a minute. Does nothing if no slice held one. */
export async function endLease({ database }: TestStack): Promise<void> {
  await database.query("update clerk.reconcile set leased_until = now() where lease is not null");
}

/** Calls it until nothing remains to be done; returns every report. */
export async function reconcileAll(stack: TestStack, ask: Ask = {}, name?: string): Promise<ReconcileReport[]> {
  const reports: ReconcileReport[] = [];
  do {
    const { restart: _, ...rest } = ask;
    reports.push(await report(stack, reports.length === 0 ? ask : rest, name));
    await new Promise((resolve) => setTimeout(resolve, reports.at(-1)!.retry_after * 1000));
  } while (!reports.at(-1)!.done);
  return reports;
}

/** Calls slice after slice, more on a busy machine, until one is the last or fails; returns its response. */
export async function lastAnswer(stack: TestStack, ask: Ask = {}, name?: string): Promise<Response> {
  while (true) {
    const response = await reconcile(stack, ask, name);
    if (response.status !== 200 || (await response.clone().json()).done) return response;
    await response.body?.cancel();
  }
}

/**
 * Ages all versions by an hour: a sweep skips users changed in the last ten minutes, and a backfill asks about each.
 */
export async function letAnHourPass({ database }: TestStack): Promise<void> {
  for (const table of ["users", "organizations", "organization_memberships"]) {
    await database.query(`update clerk.${table} set version_event = version_event - 3600000`);
  }
}

/** A row as tests compare it: every column that comes from Clerk, by user id. */
type Rows = Map<string, string>;

/** Returns the rows of the table. */
export async function tableRows({ database }: TestStack): Promise<Rows> {
  const rows = await database.query(`
    select clerk_user_id, to_jsonb(users) - 'id' - 'updated_at' - 'created_at' - 'last_sign_in_at'
        || jsonb_build_object(
            'created_at', extract(epoch from created_at) * 1000, 'last_sign_in_at', extract(epoch from last_sign_in_at) * 1000
        ) as visible
    from public.users`);
  return new Map(rows.map(({ clerk_user_id, visible }) => [clerk_user_id as string, canonical(visible)]));
}

/** Returns the rows that the table should have. */
function clerkRows({ clerk }: TestStack): Rows {
  return new Map([...clerk.state.users.values()].map((user) => [user.id, canonical(expectedRow(user))]));
}

/** Fails unless the table matches Clerk; reports only the first differences. */
export async function assertEqualTables(stack: TestStack): Promise<void> {
  const [actual, expected] = [await tableRows(stack), clerkRows(stack)];
  const ids = new Set([...actual.keys(), ...expected.keys()]);
  const different = [...ids].filter((id) => actual.get(id) !== expected.get(id)).slice(0, 3);
  assertEquals(different.map((id) => actual.get(id)), different.map((id) => expected.get(id)));
}

function expectedRow(user: User): Record<string, unknown> {
  const primary = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
  return {
    clerk_user_id: user.id,
    email: primary?.email_address ?? null,
    email_verified: primary?.verification?.status === "verified",
    first_name: user.first_name,
    last_name: user.last_name,
    username: user.username,
    profile_image_url: user.image_url,
    metadata: user.public_metadata,
    deleted_at: null,
    created_at: user.created_at,
    last_sign_in_at: user.last_sign_in_at,
  };
}

/** Returns JSON with sorted keys, and with numbers as numbers. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
}
