/**
 * The local stack for end-to-end tests: the unmodified entry points as processes, on free ports. Some functions
 * run a second time under another name and with other variables.
 *
 * @module
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { InstanceKind } from "../../dev/clerk/keys.ts";
import { type FunctionConfig, type ProjectConfig, readProject } from "../../dev/project.ts";
import { type Stack, type StackOptions, startStack } from "../../dev/stack.ts";
import { signWebhook } from "../../supabase/functions/_shared/clerk/webhook.ts";
import type { Database } from "../../supabase/functions/_shared/database/types.ts";
import { configArguments } from "../../tools/jsr/config.ts";
import { RUNTIME_DENO_VERSION, runtimeDeno } from "../../tools/runtime_deno.ts";
import { createStackDatabase, type StackDatabase } from "./migrated.ts";
import { checkedFetch } from "./openapi.ts";

export { eventually } from "./eventually.ts";

/** A stack with what tests do to it. */
export interface TestStack extends Stack {
  /** What the functions printed. */
  output: string[];
  /** Calls a function. As with each of these, an answer that the OpenAPI document does not describe is an error. */
  call: (name: string, init?: RequestInit) => Promise<Response>;
  /** Sends an event as Svix does, signed unless the headers say otherwise. */
  deliver: (event: unknown, options?: DeliverOptions) => Promise<Response>;
  /** supabase-js as a front end makes it: with a token, or as a guest. */
  client: (token?: string) => SupabaseClient<Database>;
  /** supabase-js with the secret key. */
  admin: SupabaseClient<Database>;
}

/** How an event is delivered. */
export interface DeliverOptions {
  /** The function; `clerk-webhook` unless given. */
  name?: string;
  id?: string;
  /** The time of the attempt, in milliseconds. */
  sentAt?: number;
  secret?: string;
  /** Instead of the signed headers. */
  headers?: Record<string, string>;
}

/** A function under another name, with other variables (undefined takes one away) or otherwise configured. */
export interface Variant extends Partial<Pick<FunctionConfig, "entrypoint" | "verifyJwt">> {
  of: string;
  variables: Record<string, string | undefined>;
}

/** What a test wants to be different. */
export interface TestStackOptions {
  /** A PostgreSQL of the test's own. */
  databaseUrl?: string;
  /** Whether the database is the embedded one, even where PostgreSQL is installed. */
  embedded?: boolean;
  /** Clerk's rate limit, which tests do without unless they ask for it. */
  rateLimit?: boolean;
  clerkKind?: InstanceKind;
  /** What a developer's `.env` says; nothing unless given. */
  ownVariables?: Record<string, string>;
}

/** The platform's limit of a function's memory, in megabytes. */
export const MEMORY_LIMIT = 256;
/** As the Edge Runtime limits a function's heap: beyond it the process ends. */
const HEAP_LIMIT = `--v8-flags=--max-heap-size=${MEMORY_LIMIT}`;

/** Starts the stack, on a database of its own unless an address is given. */
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
  const stack = await startStack({
    project: { ...project, functions },
    apiPort: 0,
    clerkPort: 0,
    databaseUrl: database.url,
    databaseFrom: database.from,
    rateLimit,
    clerkKind,
    // A developer's own .env has no say in tests.
    ownVariables: () => Promise.resolve(ownVariables),
    deno: { ...deno, config: [...deno.config, HEAP_LIMIT] },
    // A process for each function costs more than most tests.
    warm: false,
    // Whatever a test makes a function do, it does without files and without the Internet.
    sealed: true,
    // Later attempts are for a busy machine, on which the first ones find a function that is still starting.
    schedule: [0, 50, 50, 50, 500, 5_000, 10_000],
    variables: Object.fromEntries(Object.entries(variants).map(([name, { variables }]) => [name, variables])),
    print: (line) => output.push(line),
  });
  const url = (name: string) => `${stack.url}/functions/v1/${name}`;
  // A function that is not there is the gateway's to answer.
  const fetch = checkedFetch(stack.url, (name) => variants[name]?.of ?? functions.get(name)?.name);
  const admin = createClient<Database>(stack.url, stack.keys.secret, clientOptions(fetch));
  // PGlite compiles what runs for the first time, on a busy machine for longer than a function waits for its database.
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
 * Where the functions come from and what runs them: their sources in this Deno, or, where `TEST_BUNDLES` names a folder
 * of bundles, what `deno task deploy` uploads in the Edge Runtime's Deno. tools/test/jobs.ts runs the tests with each.
 */
async function readFunctions(): Promise<Pick<StackOptions, "deno"> & { project: ProjectConfig }> {
  const project = await readProject();
  const bundles = Deno.env.get("TEST_BUNDLES");
  if (bundles === undefined) {
    return { project, deno: { executable: Deno.execPath(), config: await configArguments() } };
  }
  const { functions } = await readProject(new URL(bundles));
  // Some tests bring a function of their own, whose packages have to be found too.
  const executable = await runtimeDeno();
  const config = await configArguments({ executable, version: RUNTIME_DENO_VERSION });
  return { project: { ...project, functions }, deno: { executable, config } };
}

function clientOptions(fetch: typeof globalThis.fetch, token?: string) {
  const auth = { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false };
  return { global: { fetch }, ...(token === undefined ? { auth } : { accessToken: () => Promise.resolve(token) }) };
}
