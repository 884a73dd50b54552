/**
 * supabase-js, as the service role and as the caller.
 *
 * @module
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { DataApiConfig } from "../config.ts";
import { boundedFetch } from "../http/bounded_fetch.ts";
import type { Database } from "./types.ts";

/** A client of our database. */
export type DatabaseClient = SupabaseClient<Database>;

/** The service role's: it calls the functions that decide, and writes no table by itself. */
export type ServiceClient = Pick<DatabaseClient, "rpc">;

/**
 * One query's bounds: well under the 15 s after which Svix gives up, and the body is counted in, which supabase-js's
 * own timeout leaves out. Nothing is retried here: a webhook's sender and a browser both know better when to.
 */
export const QUERY_BOUNDS = { timeoutMs: 8_000, maxBytes: 4 * 1024 * 1024 };

const query = boundedFetch((url, init) => fetch(url, init), QUERY_BOUNDS);

/** Makes supabase-js for queries alone: what signs in is not made, and what opens sockets is not loaded. */
function createProjectClient({ url, key }: DataApiConfig): DatabaseClient {
  return createClient<Database>(url, key, {
    global: { fetch: query },
    db: { retry: false },
    accessToken: () => Promise.resolve(null),
    realtime: { transport: NoSocket as unknown as typeof WebSocket },
  });
}

/** In place of `WebSocket`, which Deno would load for it: several milliseconds of every cold start. */
class NoSocket {
  constructor() {
    throw new TypeError("Cannot listen: this client makes queries alone");
  }
}

/**
 * Makes the client of the service role, which row level security does not bind. Keep one per process.
 *
 * @param config The project's URL and a secret key.
 * @returns The client.
 */
export function createServiceClient(config: DataApiConfig): ServiceClient {
  return createProjectClient(config);
}

/** What queries as one caller: tables and functions of `public`. Nothing else of supabase-js would bring the token. */
export type CallerClient = Pick<ReturnType<DatabaseClient["schema"]>, "from" | "rpc">;

/**
 * Makes clients of callers: a caller's token goes to the Data API with each of its queries, and row level security
 * decides. supabase-js is set up once, which costs more than a query; it holds no token, so a query without one would
 * be a stranger's. The token is put on at the end: supabase-js copies headers five times on the way, each time looking
 * at every character.
 *
 * @param config The project's URL and a publishable key.
 * @returns Makes the client of a caller, from its verified session token; for one request only.
 *
 * @example
 * ```ts
 * import { createCallerClients } from "./clients.ts";
 *
 * const clientOf = createCallerClients({ url: "https://example.supabase.co", key: "sb_publishable_x" });
 * const titles = clientOf("ada's token").from("resumes").select("title"); // asks when it is awaited
 * if (!("then" in titles)) throw new Error();
 * ```
 */
export function createCallerClients(config: DataApiConfig): (token: string) => CallerClient {
  const project = createProjectClient(config);
  return (token) => {
    const client = project.schema("public");
    client.fetch = (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set("apikey", config.key);
      headers.set("authorization", `Bearer ${token}`);
      return query(input, { ...init, headers });
    };
    const from = (table: "users") => client.from(table);
    return { from, rpc: client.rpc.bind(client) } as CallerClient;
  };
}
