/**
 * Gets a session token to check from a live session at Clerk.
 *
 * @module
 */
import type { ClerkApiConfig } from "../../supabase/functions/_clerk-supabase/config.ts";
import type { Fetch } from "../../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { ask } from "./ask.ts";

/** A token, or the reason why there is none. */
export type Minted = { token: string; none?: never } | { token?: never; none: string };

/** The most users to search for an active session, the latest sign-in first. */
const MAX_USERS = 10;

/** Clerk did not give a usable answer; the message can be printed. */
class NoAnswer extends Error {}

/**
 * Mints a token for the active session of a user who signed in lately. The token lives for a minute and is never
 * printed.
 *
 * @param config Clerk's Backend API.
 * @param fetch The network.
 * @returns The token.
 */
export async function mintToken(config: ClerkApiConfig, fetch: Fetch): Promise<Minted> {
  const call = (method: string, path: string) => callClerk(config, fetch, method, path);
  try {
    const users = listOf(await call("GET", `/v1/users?limit=${MAX_USERS}&order_by=-last_sign_in_at`));
    for (const { id } of users.filter(({ last_sign_in_at: at }) => typeof at === "number")) {
      const query = new URLSearchParams({ user_id: String(id), status: "active" });
      const sessions = listOf(await call("GET", `/v1/sessions?${query}`));
      // An impersonated session is not representative.
      const session = sessions.find(({ status, actor }) => status === "active" && !actor);
      if (!session) continue;
      const minted = await call("POST", `/v1/sessions/${encodeURIComponent(String(session.id))}/tokens`);
      if (isObject(minted) && typeof minted.jwt === "string") return { token: minted.jwt };
      throw new NoAnswer("Clerk did not mint a token");
    }
    return { none: "no user is signed in: sign in to your app, or pass --token" };
  } catch (error) {
    if (error instanceof NoAnswer) return { none: `${error.message}; pass --token` };
    throw error;
  }
}

async function callClerk({ url, secretKey }: ClerkApiConfig, fetch: Fetch, method: string, path: string) {
  const headers = { authorization: `Bearer ${secretKey}`, "content-type": "application/json" };
  const { answer, silence } = await ask(fetch, url + path, {
    method,
    headers,
    ...(method === "POST" && { body: "{}" }),
  });
  if (!answer) throw new NoAnswer(`Cannot get a session from Clerk: ${silence}`);
  if (answer.status === 200) return answer.body;
  throw new NoAnswer(`Cannot get a session from Clerk: HTTP ${answer.status}`);
}

/** Reads a bare array, or the object in which Clerk wraps a page. */
function listOf(body: unknown): Array<Record<string, unknown>> {
  const items = isObject(body) ? body.data : body;
  return Array.isArray(items) ? items.filter(isObject) : [];
}
