/**
 * `GET /hello` greets the signed-in caller by first name, and anyone else as a guest. An example of a route for both.
 *
 * @module
 */
import { optionalUser } from "../_clerk-supabase/auth/authenticate.ts";
import type { VerifyToken } from "../_clerk-supabase/auth/token.ts";
import type { ReadOwnRow } from "../_clerk-supabase/database/own_row.ts";
import { handle, type Handler, type Platform, type Route } from "../_clerk-supabase/http/handle.ts";
import { jsonResponse } from "../_clerk-supabase/http/problem.ts";

/** Front ends call it. */
export const HELLO: Route = { name: "hello", browser: true };

/** Dependencies of the handler. */
export interface HelloDeps extends Platform {
  verifyToken: VerifyToken;
  readOwnRow: ReadOwnRow;
}

/**
 * Creates the handler of `GET /hello`.
 *
 * @param deps Token check and the caller's row.
 * @returns The handler.
 */
export function createHelloHandler(deps: HelloDeps): Handler {
  return handle(HELLO, deps, {
    GET: async (request) => {
      const session = await optionalUser(request, deps.verifyToken);
      if (!session) return jsonResponse({ message: "Hello, guest!", signed_in: false });
      const { profile } = await deps.readOwnRow(session);
      return jsonResponse({ message: `Hello, ${profile?.first_name ?? "you"}!`, signed_in: true });
    },
  });
}
