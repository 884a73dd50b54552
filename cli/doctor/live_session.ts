/**
 * A session token to try, of a session that lives at Clerk.
 *
 * @module
 */
import type { ClerkApiConfig } from "../../supabase/functions/_clerk-supabase/config.ts";
import type { Fetch } from "../../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { ask } from "./ask.ts";

/** A token, or why there is none. */
export type Minted = { token: string; none?: never } | { token?: never; none: string };

/** How many of those who signed in last are looked at. */
const MAX_USERS = 10;

/** Clerk's answer was none of its own kind; the message is fit to be printed. */
class NoAnswer extends Error {}

/**
 * Mints a token for a session of somebody who signed in lately. The token lives for a minute and is shown to nobody.
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
      // Somebody who impersonates the user is nobody's sample.
      const session = sessions.find(({ status, actor }) => status === "active" && !actor);
      if (!session) continue;
      const minted = await call("POST", `/v1/sessions/${encodeURIComponent(String(session.id))}/tokens`);
      if (isObject(minted) && typeof minted.jwt === "string") return { token: minted.jwt };
      throw new NoAnswer("Clerk minted no token");
    }
    return { none: "nobody is signed in: sign in to your app, or pass --token" };
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
  if (!answer) throw new NoAnswer(`Clerk cannot be asked for a session: ${silence}`);
  if (answer.status === 200) return answer.body;
  throw new NoAnswer(`Clerk cannot be asked for a session: HTTP ${answer.status}`);
}

/** A bare array, or what Clerk wraps one in where it is asked for pages. */
function listOf(body: unknown): Array<Record<string, unknown>> {
  const items = isObject(body) ? body.data : body;
  return Array.isArray(items) ? items.filter(isObject) : [];
}
