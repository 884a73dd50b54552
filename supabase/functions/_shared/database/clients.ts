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
const global = { fetch: boundedFetch((url, init) => fetch(url, init), { timeout: 8_000, limit: 4 * 1024 * 1024 }) };
const db = { retry: false };

/**
 * Makes the client of the service role, which row level security does not bind. Keep one per process.
 *
 * @param config The project's URL and a secret key.
 * @returns The client.
 */
export function createServiceClient({ url, key }: DataApiConfig): ServiceClient {
  return createClient<Database>(url, key, {
    global,
    db,
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}

/**
 * Makes the client of one caller: its token goes to the Data API, and row level security decides.
 *
 * @param config The project's URL and a publishable key.
 * @param token The caller's verified session token.
 * @returns The client, for this request only.
 */
export function createCallerClient({ url, key }: DataApiConfig, token: string): DatabaseClient {
  return createClient<Database>(url, key, {
    global,
    db,
    accessToken: () => Promise.resolve(token),
  });
}
