/**
 * Changes for `apply_clerk_changes()`, and the resulting rows.
 *
 * @module
 */
import type { Owner } from "../../../project/database/database.ts";
import type { ClerkChange } from "../../../supabase/functions/_clerk-supabase/database/change.ts";

/** The base time of the tests' versions, in milliseconds. */
export const T0 = 1_744_276_393_000;

let messages = 0;

/** A `user.updated` of a user, at version `T0 + version`. */
export function profile(userId: string, version: number, overrides: Partial<ClerkChange> = {}): ClerkChange {
  const at = T0 + version;
  return {
    type: "user.updated",
    message_id: `msg_${++messages}`,
    user_id: userId,
    sent_at: at,
    event_at: at,
    updated_at: at,
    created_at: T0,
    email: null,
    ...overrides,
  };
}

/** A `user.deleted` of a user. */
export function deletion(userId: string, at: number, overrides: Partial<ClerkChange> = {}): ClerkChange {
  return {
    type: "user.deleted",
    message_id: `msg_${++messages}`,
    user_id: userId,
    sent_at: T0 + at,
    event_at: T0 + at,
    ...overrides,
  };
}

/** A `session.created` of a user. */
export function signIn(userId: string, at: number, overrides: Partial<ClerkChange> = {}): ClerkChange {
  return {
    type: "session.created",
    message_id: `msg_${++messages}`,
    user_id: userId,
    sent_at: T0 + at,
    event_at: T0 + at,
    last_sign_in_at: T0 + at,
    ...overrides,
  };
}

/** Applies changes in one call as the service role; returns each outcome, followed by the code if it is a refusal. */
export async function apply({ query, script }: Owner, ...changes: unknown[]): Promise<string[]> {
  await script("set role service_role");
  try {
    const [row] = await query("select public.apply_clerk_changes($1::jsonb) as outcomes", [JSON.stringify(changes)]);
    const outcomes = row!.outcomes as Array<{ outcome: string; code?: string }>;
    return outcomes.map(({ outcome, code }) => code ? `${outcome} ${code}` : outcome);
  } finally {
    await script("reset role");
  }
}

/** Deletes every user, with state and messages. */
export async function forget({ script }: Owner): Promise<void> {
  await script("truncate public.users, clerk.users, clerk.messages cascade");
}

/** Returns the rows that clients see by user id, without `id` and `updated_at`, which tests do not control. */
export async function rows(database: Owner): Promise<Record<string, Record<string, unknown>>> {
  const found = await database.query(`
    select to_jsonb(users) - 'id' - 'updated_at' as visible from public.users order by clerk_user_id`);
  return Object.fromEntries(found.map(({ visible }) => {
    const { clerk_user_id: id, ...rest } = visible as Record<string, unknown>;
    return [id, rest];
  }));
}

/** Returns the email of each row by user id. */
export async function emails(database: Owner): Promise<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(await rows(database)).map(([id, { email }]) => [id, email]));
}
