/**
 * What the Frontend API shows of users, sessions and browsers.
 *
 * @module
 */
import { sessionObject } from "../sessions.ts";
import type { ClerkClient, ClerkSession, State } from "../state.ts";
import type { Switches } from "../switches.ts";
import { mintSessionToken } from "../tokens.ts";
import { publicUserData, type User } from "../users.ts";
import { sessionsOf } from "./clients.ts";

/** What resources are made of. */
export interface ResourceOptions {
  state: State;
  switches: Switches;
  issuer: string;
  /** The page's origin. */
  azp: string | undefined;
}

/**
 * A browser as clerk-js knows it.
 *
 * @param options State, issuer, origin.
 * @param client The browser.
 * @returns Clerk's object, with its sessions.
 */
export async function clientResource(options: ResourceOptions, client: ClerkClient): Promise<Record<string, unknown>> {
  const sessions = sessionsOf(options.state, client);
  const active = sessions.find(({ id }) => id === client.activeSessionId) ?? sessions.at(-1);
  return {
    object: "client",
    id: client.id,
    sessions: await Promise.all(sessions.map((session) => sessionResource(options, session))),
    sign_in: null,
    sign_up: null,
    last_active_session_id: active?.id ?? null,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
  };
}

/**
 * A session as clerk-js knows it: with its user, and a token that saves a request.
 *
 * @param options State, issuer, origin.
 * @param session The session.
 * @returns Clerk's object.
 */
export async function sessionResource(
  { state, switches, issuer, azp }: ResourceOptions,
  session: ClerkSession,
): Promise<Record<string, unknown>> {
  const user = state.users.get(session.userId)!;
  return {
    ...sessionObject(state, session),
    user: userResource(user),
    public_user_data: publicUserData(user),
    last_active_token: { object: "token", jwt: await mintSessionToken(state, { issuer, session, switches, azp }) },
  };
}

/**
 * A user as a page may see it.
 *
 * @param user The user.
 * @returns Clerk's object, without what is for servers.
 */
export function userResource({ private_metadata: _, ...user }: User): Record<string, unknown> {
  return user;
}
