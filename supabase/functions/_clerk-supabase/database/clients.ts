/**
 * Creates supabase-js clients for the service role and for callers.
 *
 * @module
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { DataApiConfig } from "../config.ts";
import { boundedFetch } from "../http/bounded_fetch.ts";
import type { Database } from "./types.ts";

/** A client with the types of our database. */
export type DatabaseClient = SupabaseClient<Database>;

/** The client of the service role. It only calls SQL functions, and writes no table directly. */
export type ServiceClient = Pick<DatabaseClient, "rpc">;

/**
 * Limits of one query. The time is well under the 15 s after which Svix gives up, and includes the body, unlike the
 * timeout of supabase-js. Queries are not retried: Svix and the browser decide that.
 */
export const QUERY_BOUNDS = { timeoutMs: 8_000, maxBytes: 4 * 1024 * 1024 };

const query = boundedFetch((url, init) => fetch(url, init), QUERY_BOUNDS);

/** Creates a supabase-js client for queries only, without its parts for sign-in and for sockets. */
function createProjectClient({ url, key }: DataApiConfig): DatabaseClient {
  return createClient<Database>(url, key, {
    global: { fetch: query },
    db: { retry: false },
    accessToken: () => Promise.resolve(null),
    realtime: { transport: NoSocket as unknown as typeof WebSocket },
  });
}

/** Replaces `WebSocket`, because loading it takes several milliseconds of every cold start. */
class NoSocket {
  constructor() {
    throw new TypeError("Cannot listen: this client only makes queries");
  }
}

/**
 * Sends all queries of a client with a key and a token. They are added last, because supabase-js would copy and
 * validate all headers twice more.
 */
function sendAs(client: SchemaClient, key: string, token: string): SchemaClient {
  client.fetch = (input, init) => {
    const headers = { ...plainHeaders(init?.headers), apikey: key, authorization: `Bearer ${token}` };
    return query(input, { ...init, headers });
  };
  return client;
}

type SchemaClient = ReturnType<DatabaseClient["schema"]>;

/** Returns headers as an object with lower-case names. supabase-js passes one, and `fetch` reads it the fastest. */
function plainHeaders(headers: HeadersInit | undefined): Record<string, string> {
  const isPlain = headers !== undefined && Object.getPrototypeOf(headers) === Object.prototype &&
    Object.keys(headers).every((name) => name === name.toLowerCase());
  return isPlain ? headers as Record<string, string> : Object.fromEntries(new Headers(headers));
}

/**
 * Creates the client of the service role, which bypasses row level security. Keep one per process.
 *
 * @param config The project's URL and a secret key.
 * @returns The client.
 */
export function createServiceClient(config: DataApiConfig): ServiceClient {
  return sendAs(createProjectClient(config).schema("public"), config.key, config.key);
}

/** Queries as one caller: tables and functions of `public`. Other parts of supabase-js would not send the token. */
export type CallerClient = Pick<SchemaClient, "from" | "rpc">;

/**
 * Creates clients that query as a caller: each query sends the caller's token, and row level security decides. All
 * clients share one instance of supabase-js, because creating one costs more than a query. The shared instance has no
 * token.
 *
 * @param config The project's URL and a publishable key.
 * @returns A function that creates the client of a caller from its verified session token. Use a client for one
 * request.
 *
 * @example
 * ```ts
 * import { createCallerClients } from "./clients.ts";
 *
 * const clientOf = createCallerClients({ url: "https://example.supabase.co", key: "sb_publishable_x" });
 * const titles = clientOf("ada's token").from("resumes").select("title"); // sent when it is awaited
 * if (!("then" in titles)) throw new Error();
 * ```
 */
export function createCallerClients(config: DataApiConfig): (token: string) => CallerClient {
  const project = createProjectClient(config);
  return (token) => {
    const client = sendAs(project.schema("public"), config.key, token);
    const from = (table: "users") => client.from(table);
    return { from, rpc: client.rpc.bind(client) } as CallerClient;
  };
}
