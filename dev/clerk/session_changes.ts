/**
 * Begins, changes and ends sessions, and uses up sign-in tokens.
 *
 * @module
 */
import { ClerkError } from "./errors.ts";
import { createId } from "./keys.ts";
import { sessionObject } from "./sessions.ts";
import {
  createSignInToken,
  requireTicket,
  type SignInToken,
  type SignInTokenInput,
  type TicketHolder,
} from "./sign_in_tokens.ts";
import type { ClerkSession, EndedSession, State } from "./state.ts";
import { findUser } from "./user_changes.ts";
import type { User } from "./users.ts";

/** Dependencies of the changes. */
export interface SessionChangesOptions {
  state: State;
  /** Sends a webhook and saves the state. */
  tell: (type: string, data: unknown) => void;
  /** Saves the state. */
  changed: () => void;
}

/** The changes to sessions. */
export interface SessionChanges {
  /** Begins a session, optionally in a browser. Throws if the user is banned or locked. */
  signIn: (user: User, clientId?: string) => ClerkSession;
  /** Ends a session without a webhook, because the bundle does not subscribe to Clerk's event for it. */
  signOut: (session: ClerkSession, status?: EndedSession["status"]) => EndedSession;
  /** Revokes every session of a user. */
  revokeSessions: (user: User) => void;
  /** Sets a session's active organization, or clears it. */
  activate: (session: ClerkSession, organizationId: string | undefined) => ClerkSession;
  createSignInToken: (input: SignInTokenInput) => SignInToken;
  revokeSignInToken: (token: SignInToken) => SignInToken;
  /** Uses up a sign-in token and returns its user. Throws if the user is banned or locked. */
  takeTicket: (ticket: string) => TicketHolder;
}

/**
 * Returns the changes to sessions.
 *
 * @param options State and sender.
 * @returns The changes.
 */
export function createSessionChanges(options: SessionChangesOptions): SessionChanges {
  const { state, tell, changed } = options;
  function signOut(session: ClerkSession, status: EndedSession["status"] = "removed"): EndedSession {
    const ended = { ...session, status, endedAt: Math.max(Date.now(), session.createdAt + 1) };
    // The session may have ended with its user in the meantime.
    if (state.sessions.delete(session.id)) state.endedSessions.set(session.id, ended);
    changed();
    return ended;
  }
  return {
    ...signInTokenChanges(options),
    signIn(user, clientId) {
      requireAdmitted(user);
      const session = { id: createId("sess"), userId: user.id, createdAt: Date.now(), ...(clientId && { clientId }) };
      state.sessions.set(session.id, session);
      const { createdAt } = session;
      state.users.set({ ...user, last_sign_in_at: createdAt, last_active_at: createdAt });
      tell("session.created", sessionObject(state, session));
      return session;
    },
    signOut,
    revokeSessions({ id }) {
      for (const session of [...state.sessions.values()]) if (session.userId === id) signOut(session, "revoked");
    },
    activate({ organizationId: _, ...session }, organizationId) {
      const activated = { ...session, ...(organizationId !== undefined && { organizationId }) };
      state.sessions.set(session.id, activated);
      changed();
      return activated;
    },
  };
}

/**
 * Throws if a user may not sign in.
 *
 * @param user The user.
 * @throws {ClerkError} 403 if the user is banned or locked.
 */
export function requireAdmitted({ banned, locked }: User): void {
  if (banned) throw new ClerkError(403, "user_banned", "Your account has been banned.");
  if (locked) {
    const message = "Your account is locked. For more information, please contact support.";
    throw new ClerkError(403, "user_locked", message);
  }
}

function signInTokenChanges({ state, changed }: SessionChangesOptions) {
  const store = (token: SignInToken) => {
    state.signInTokens.set(token.id, token);
    changed();
    return token;
  };
  const end = (token: SignInToken, status: SignInToken["status"]) => {
    return store({ ...token, status, updated_at: Math.max(Date.now(), token.updated_at + 1) });
  };
  return {
    createSignInToken: (input: SignInTokenInput) => store(createSignInToken(input, Date.now())),
    revokeSignInToken(token: SignInToken) {
      if (token.status === "pending") return end(token, "revoked");
      const message =
        `Sign in token cannot be revoked because its status is ${token.status}. Only pending tokens can be revoked.`;
      throw new ClerkError(400, "sign_in_token_cannot_be_revoked_code", message);
    },
    takeTicket(ticket: string): TicketHolder {
      const token = requireTicket(state.signInTokens, ticket, Date.now());
      const user = findUser(state, token.user_id);
      requireAdmitted(user);
      end(token, "accepted");
      return { user, organizationId: token.organization_id ?? undefined };
    },
  };
}
