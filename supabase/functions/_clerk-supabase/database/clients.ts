/**
 * Clients of the Data API, as the service role and as the caller: the part of supabase-js that makes queries, with the
 * types of the whole. The rest of supabase-js would be most of a cold start (adr/0011).
 *
 * @module
 */
import { PostgrestClient } from "@supabase/postgrest-js";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { DataApiConfig } from "../config.ts";
import { boundedFetch } from "../http/bounded_fetch.ts";
import type { Database } from "./types.ts";

/** supabase-js's client of our database. */
export type DatabaseClient = SupabaseClient<Database>;

/** The service role's: it calls the functions that decide, and writes no table by itself. */
export type ServiceClient = Pick<DatabaseClient, "rpc">;

/** A caller's: tables and functions of `public`. */
export type CallerClient = Pick<ReturnType<DatabaseClient["schema"]>, "from" | "rpc">;

/**
 * One query's bounds: well under the 15 s after which Svix gives up, and the body is counted in, which supabase-js's
 * own timeout leaves out. Nothing is retried here: a webhook's sender and a browser both know better when to.
 */
export const QUERY_BOUNDS = { timeout: 8_000, limit: 4 * 1024 * 1024 };

const query = boundedFetch((url, init) => fetch(url, init), QUERY_BOUNDS);

/**
 * Creates a client whose queries bring one token. The headers are added at the end, because supabase-js copies headers
 * five times on the way and looks at every character each time.
 */
function createQueryClient({ url, key }: DataApiConfig, token: string): PostgrestClient<Database> {
  return new PostgrestClient<Database>(`${url}/rest/v1`, {
    schema: "public",
    retry: false,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set("apikey", key);
      headers.set("authorization", `Bearer ${token}`);
      return query(String(input), { ...init, headers });
    },
  });
}

/**
 * Makes the client of the service role, which row level security does not bind. Keep one per process.
 *
 * @param config The project's URL and a secret key.
 * @returns The client.
 */
export function createServiceClient(config: DataApiConfig): ServiceClient {
  return createQueryClient(config, config.key);
}

/**
 * Makes clients of callers: a caller's token goes to the Data API with each of its queries, and row level security
 * decides.
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
  return (token) => {
    const client = createQueryClient(config, token);
    // The options of from() could name another fetch, which would bring no token.
    const from = (table: "users") => client.from(table);
    return { from, rpc: client.rpc.bind(client) } as CallerClient;
  };
}
