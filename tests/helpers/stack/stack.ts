/**
 * Runs the local stack for end-to-end tests: the unmodified entry points as processes, on free ports. Some functions
 * run a second time under another name and with other variables.
 *
 * @module
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { InstanceKind } from "../../../dev/clerk/keys.ts";
import { type FunctionConfig, type ProjectConfig, readProject } from "../../../project/project.ts";
import type { Stack, StackOptions } from "../../../dev/stack.ts";
import { startThrowawayStack } from "../../../dev/throwaway_stack.ts";
import { signWebhook } from "../../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import type { Database } from "../../../supabase/functions/_clerk-supabase/database/types.ts";
import { configArguments } from "../../../project/jsr/config.ts";
import { RUNTIME_DENO_VERSION, runtimeDeno } from "../../../project/runtime_deno.ts";
import { createStackDatabase, type StackDatabase } from "../migrated.ts";
import { checkedFetch } from "./openapi.ts";

export { eventually } from "../../../project/eventually.ts";

/** A stack, with functions for tests. */
export interface TestStack extends Stack {
  /** The output of the functions. */
  output: string[];
  /** Calls a function. This and the calls below fail if the OpenAPI document does not describe the response. */
  call: (name: string, init?: RequestInit) => Promise<Response>;
  /** Sends an event like Svix, signed unless the headers are given. */
  deliver: (event: unknown, options?: DeliverOptions) => Promise<Response>;
  /** Returns supabase-js as a front end creates it: with a token, or as a guest. */
  client: (token?: string) => SupabaseClient<Database>;
  /** Returns supabase-js with the secret key. */
  admin: SupabaseClient<Database>;
}

/** Options of a delivery. */
export interface DeliverOptions {
  /** The function; `clerk-webhook` by default. */
  name?: string;
  id?: string;
  /** The time of the attempt, in milliseconds. */
  sentAt?: number;
  secret?: string;
  /** Replace the signed headers. */
  headers?: Record<string, string>;
}

/** A function under another name, with other variables (undefined unsets one) or another configuration. */
export interface Variant extends Partial<Pick<FunctionConfig, "entrypoint" | "verifyJwt">> {
  of: string;
  variables: Record<string, string | undefined>;
}

/** Options of a test's stack. */
export interface TestStackOptions {
  /** The test's own PostgreSQL. */
  databaseUrl?: string;
  /** Whether to use the embedded database even if PostgreSQL is installed. */
  embedded?: boolean;
  /** Clerk's rate limit; off by default. */
  rateLimit?: boolean;
  clerkKind?: InstanceKind;
  /** The content of a developer's `.env`; empty by default. */
  ownVariables?: Record<string, string>;
}

/** The platform's limit of a function's memory, in megabytes. */
export const MEMORY_LIMIT_MEGABYTES = 256;
/** Limits a function's heap like the Edge Runtime: the process ends beyond it. */
const HEAP_LIMIT = `--v8-flags=--max-heap-size=${MEMORY_LIMIT_MEGABYTES}`;

/** Starts the stack, on its own database unless an address is given. */
export async function startTestStack(
  variants: Record<string, Variant> = {},
  { databaseUrl, embedded = false, rateLimit = false, clerkKind, ownVariables = {} }: TestStackOptions = {},
): Promise<TestStack> {
  const { project, deno } = await readFunctions();
  const functions = new Map<string, FunctionConfig>(project.functions);
  for (const [name, { of, variables: _, ...config }] of Object.entries(variants)) {
    functions.set(name, { ...functions.get(of)!, ...config, name });
  }
  const database: Partial<StackDatabase> = databaseUrl === undefined
    ? await createStackDatabase({ embedded })
    : { url: databaseUrl };
  const output: string[] = [];
  const stack = await startThrowawayStack({
    project: { ...project, functions },
    databaseUrl: database.url,
    databaseFrom: database.from,
    rateLimit,
    clerkKind,
    ownVariables: () => Promise.resolve(ownVariables),
    deno: { ...deno, config: [...deno.config, HEAP_LIMIT] },
    variables: Object.fromEntries(Object.entries(variants).map(([name, { variables }]) => [name, variables])),
    print: (line) => output.push(line),
  });
  const url = (name: string) => `${stack.url}/functions/v1/${name}`;
  // The gateway responds for a missing function.
  const fetch = checkedFetch(stack.url, (name) => variants[name]?.of ?? functions.get(name)?.name);
  const admin = createClient<Database>(stack.url, stack.keys.secret, clientOptions(fetch));
  // PGlite compiles code on first use. On a busy machine that takes longer than a function waits for its database.
  const { error } = await admin.rpc("apply_clerk_changes", { changes: [] });
  if (error) throw new Error(`Cannot start the stack: ${error.message}`);
  return {
    ...stack,
    stop: async () => {
      await stack.stop();
      await database.drop?.();
    },
    output,
    call: (name, init) => fetch(url(name), init),
    deliver: (
      event,
      { name = "clerk-webhook", id = crypto.randomUUID(), sentAt = Date.now(), secret, headers } = {},
    ) => {
      const body = typeof event === "string" ? event : JSON.stringify(event);
      const signed = signWebhook(body, secret ?? stack.clerk.state.instance.webhookSecret, { messageId: id, sentAt });
      return fetch(url(name), { method: "POST", body, headers: headers ?? signed });
    },
    client: (token) => createClient(stack.url, stack.keys.publishable, clientOptions(fetch, token)),
    admin,
  };
}

/**
 * Returns the source of the functions and the command that runs them: their sources in this Deno, or, if `TEST_BUNDLES`
 * names a folder of bundles, the uploads of `deno task deploy` in the Edge Runtime's Deno. tools/test/jobs.ts runs the
 * tests with each.
 */
async function readFunctions(): Promise<Pick<StackOptions, "deno"> & { project: ProjectConfig }> {
  const project = await readProject();
  const bundles = Deno.env.get("TEST_BUNDLES");
  if (bundles === undefined) {
    return { project, deno: { executable: Deno.execPath(), config: await configArguments() } };
  }
  const { functions } = await readProject(new URL(bundles));
  // Some tests add their own function, whose packages must be found too.
  const executable = await runtimeDeno();
  const config = await configArguments({ executable, version: RUNTIME_DENO_VERSION });
  return { project: { ...project, functions }, deno: { executable, config } };
}

function clientOptions(fetch: typeof globalThis.fetch, token?: string) {
  const auth = { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false };
  return { global: { fetch }, ...(token === undefined ? { auth } : { accessToken: () => Promise.resolve(token) }) };
}
