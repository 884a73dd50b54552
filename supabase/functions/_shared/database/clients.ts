/**
 * supabase-js, as the service role and as the caller.
 *
 * @module
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { DataApiConfig } from "../config.ts";
import type { Database } from "./types.ts";

/** A client of our database. */
export type DatabaseClient = SupabaseClient<Database>;

/**
 * How long one query may take, in milliseconds: well under the 15 s after which Svix gives up. Nothing is
 * retried here: a webhook's sender and a browser both know better when to.
 */
const TIMEOUT = 8_000;

/**
 * Makes the client of the service role, which row level security does not bind. Keep one per process.
 *
 * @param config The project's URL and a secret key.
 * @returns The client.
 */
export function createServiceClient({ url, key }: DataApiConfig): DatabaseClient {
  return createClient<Database>(url, key, {
    db: { timeout: TIMEOUT, retry: false },
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
    db: { timeout: TIMEOUT, retry: false },
    accessToken: () => Promise.resolve(token),
  });
}
