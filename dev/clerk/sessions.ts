/**
 * Finds and formats sessions for Clerk's Backend API.
 *
 * @module
 */
import { ClerkError, invalidParameter } from "./errors.ts";
import { readPage, refuseOthers } from "./parameters.ts";
import type { Membership } from "./organizations/memberships.ts";
import type { ClerkSession, EndedSession, State } from "./state.ts";

const STATUSES = ["abandoned", "active", "ended", "expired", "pending", "removed", "replaced", "revoked"];

/** Milliseconds until a session is abandoned or expires, as Clerk's defaults. */
const LIFETIME_MS = { abandon: 30 * 86_400_000, expire: 7 * 86_400_000 };

/**
 * Returns a session in the format of Clerk's API.
 *
 * @param state The simulator's state.
 * @param session The session.
 * @param status The session's status (default: `active`).
 * @returns Clerk's object.
 */
export function sessionObject(
  state: State,
  session: ClerkSession | EndedSession,
  status = "status" in session ? session.status : "active",
): Record<string, unknown> {
  const { id, userId, createdAt } = session;
  return {
    object: "session",
    id,
    client_id: clientOf(session),
    user_id: userId,
    status,
    last_active_organization_id: activeMembership(state, session)?.organization_id ?? null,
    actor: null,
    last_active_at: createdAt,
    expire_at: createdAt + LIFETIME_MS.expire,
    abandon_at: createdAt + LIFETIME_MS.abandon,
    created_at: createdAt,
    updated_at: "endedAt" in session ? session.endedAt : createdAt,
  };
}

/**
 * Finds a session, including one that has ended.
 *
 * @param state The simulator's state.
 * @param id The id.
 * @returns The session.
 * @throws {ClerkError} 404 if it does not exist.
 */
export function findSession({ sessions, endedSessions }: State, id: string | undefined): ClerkSession | EndedSession {
  const session = sessions.get(id ?? "") ?? endedSessions.get(id ?? "");
  if (session) return session;
  throw new ClerkError(404, "resource_not_found", "No session was found with this id");
}

/**
 * Finds a session that has not ended.
 *
 * @param state The simulator's state.
 * @param id The id.
 * @returns The session.
 * @throws {ClerkError} 404 if it does not exist.
 */
export function findActiveSession({ sessions }: State, id: string | undefined): ClerkSession {
  const session = sessions.get(id ?? "");
  if (session) return session;
  throw new ClerkError(404, "resource_not_found", "No active session was found with this id");
}

/**
 * Finds the membership of a session's active organization.
 *
 * @param state The simulator's state.
 * @param session The session.
 * @returns The membership; undefined without an active organization or after the user has left it.
 */
export function activeMembership(
  { memberships }: State,
  { organizationId, userId }: ClerkSession,
): Membership | undefined {
  return organizationId === undefined ? undefined : memberships.find(organizationId, userId);
}

/**
 * Returns the body of `GET /v1/sessions`.
 *
 * @param state The simulator's state.
 * @param parameters The query string.
 * @returns The sessions, newest first: a list, or with `paginated=true`, which Clerk's SDK sends, an object with the
 * total count.
 * @throws {ClerkError} If a parameter is invalid.
 */
export function listSessions(state: State, parameters: URLSearchParams): unknown {
  refuseOthers(parameters, ["user_id", "client_id", "status", "limit", "offset", "paginated"]);
  const { limit, offset } = readPage(parameters);
  const known: Array<ClerkSession | EndedSession> = [...state.sessions.values(), ...state.endedSessions.values()];
  const matching = known.filter(readFilter(parameters)).sort(newestFirst);
  const page = matching.slice(offset, offset + limit).map((session) => sessionObject(state, session));
  return parameters.get("paginated") === "true" ? { data: page, total_count: matching.length } : page;
}

function readFilter(parameters: URLSearchParams): (session: ClerkSession | EndedSession) => boolean {
  const [user, client, status] = ["user_id", "client_id", "status"].map((name) => parameters.get(name));
  if (!user && !client) throw invalidParameter("user_id", "user_id or client_id is required", "form_param_missing");
  if (status && !STATUSES.includes(status)) {
    throw invalidParameter("status", "status is none of a session's", "form_param_value_invalid");
  }
  return (session) =>
    (!user || session.userId === user) && (!client || clientOf(session) === client) &&
    (!status || status === ("status" in session ? session.status : "active"));
}

/** Returns the session's client. A session that the Backend API created has its own. */
export function clientOf({ id, clientId }: ClerkSession): string {
  return clientId ?? id.replace(/^sess_/, "client_");
}

function newestFirst(one: ClerkSession, other: ClerkSession): number {
  return other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1);
}
