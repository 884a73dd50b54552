/**
 * The local stack with PostgreSQL, for measuring how long a row takes: our functions as they are deployed, and the best
 * practice beside them.
 *
 * @module
 */
import { createSecretKey } from "../dev/gateway/secret_key.ts";
import { startThrowawayStack } from "../dev/throwaway_stack.ts";
import type { Stack } from "../dev/stack.ts";
import { startPostgres } from "../project/postgres_server.ts";
import type { FunctionConfig, ProjectConfig } from "../project/project.ts";
import userCreated from "../project/user_created.json" with { type: "json" };
import { signWebhook } from "../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import { readOurs } from "./alternatives.ts";
import { PLAIN_USERS, SMALL_SERVER } from "./postgres.ts";

/** A function that takes webhooks, and the table of its rows. */
export interface Receiver {
  name: string;
  table: string;
}

/** Our webhook, and the one that people would write instead. */
export const OURS: Receiver = { name: "clerk-webhook", table: "users" };
export const BEST_PRACTICE: Receiver = { name: "best-practice", table: "plain_users" };

/** `profile` without Clerk's secret key, so that it waits for the webhook instead of asking Clerk. */
export const WAITING_PROFILE = "profile-that-waits";

/** Starts the stack on a PostgreSQL of its own. Functions start when they are first called. */
export async function startRowStack(): Promise<Stack> {
  const server = await startPostgres(SMALL_SERVER);
  const { project } = await readOurs();
  const secretKey = createSecretKey();
  const stack = await startThrowawayStack({
    secretKey,
    databaseUrl: server.url,
    clerkKind: "live",
    project: { ...project, functions: withOthers(project) },
    variables: {
      [BEST_PRACTICE.name]: { SUPABASE_SERVICE_ROLE_KEY: secretKey },
      [WAITING_PROFILE]: { CLERK_SECRET_KEY: undefined },
    },
  });
  await stack.database.script(PLAIN_USERS);
  return {
    ...stack,
    stop: async () => {
      await stack.stop();
      await server.stop();
    },
  };
}

function withOthers({ functions }: ProjectConfig): Map<string, FunctionConfig> {
  const entrypoint = new URL("alternatives/webhook_best_practice.ts", import.meta.url);
  const others: FunctionConfig[] = [
    { name: BEST_PRACTICE.name, entrypoint, verifyJwt: false, settings: {} },
    { ...functions.get("profile")!, name: WAITING_PROFILE },
  ];
  return new Map([...functions, ...others.map((one) => [one.name, one] as const)]);
}

let created = 0;

/** Creates a signed webhook about a new user. */
export function newUserWebhook({ clerk: { state } }: Stack): { userId: string; request: RequestInit } {
  const number = ++created;
  const userId = `user_row${String(number).padStart(23, "0")}`;
  const [address] = userCreated.data.email_addresses;
  const data = {
    ...userCreated.data,
    id: userId,
    username: null,
    email_addresses: [{ ...address, id: "idn_row", email_address: `row${number}@example.com` }],
    primary_email_address_id: "idn_row",
  };
  const body = JSON.stringify({ ...userCreated, data, instance_id: state.instance.id, timestamp: Date.now() });
  const headers = signWebhook(body, state.instance.webhookSecret, {
    messageId: `msg_${crypto.randomUUID()}`,
    sentAt: Date.now(),
  });
  return { userId, request: { method: "POST", body, headers: { "content-type": "application/json", ...headers } } };
}

/** Posts a webhook, and returns the status. */
export async function post(stack: Stack, { name }: Receiver, request: RequestInit): Promise<number> {
  const response = await fetch(`${stack.url}/functions/v1/${name}`, request);
  await response.body?.cancel();
  return response.status;
}

/** Throws unless a user's row can be read. */
export async function requireRow({ url, keys }: Stack, { table }: Receiver, userId: string): Promise<void> {
  const response = await fetch(`${url}/rest/v1/${table}?select=clerk_user_id&clerk_user_id=eq.${userId}`, {
    headers: { apikey: keys.secret, authorization: `Bearer ${keys.secret}` },
  });
  const rows = await response.json();
  if (!response.ok || rows.length !== 1) throw new Error(`Cannot measure: ${userId} has no row in ${table}`);
}
