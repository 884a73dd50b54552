/**
 * Sessions as Clerk's Backend API shows them.
 *
 * @module
 */
import { invalidParameter } from "./errors.ts";
import { readPage, refuseOthers } from "./parameters.ts";
import type { ClerkSession } from "./state.ts";

const STATUSES = ["abandoned", "active", "ended", "expired", "pending", "removed", "replaced", "revoked"];

/** Clerk's defaults, in milliseconds. */
const LIFETIME = { abandon: 30 * 86_400_000, expire: 7 * 86_400_000 };

/**
 * A session as Clerk shows it. It is active: the simulator's sessions have no end but their user's.
 *
 * @param session The session.
 * @returns Clerk's object.
 */
export function sessionObject({ id, userId, createdAt }: ClerkSession): Record<string, unknown> {
  return {
    object: "session",
    id,
    client_id: clientOf(id),
    user_id: userId,
    status: "active",
    last_active_at: createdAt,
    expire_at: createdAt + LIFETIME.expire,
    abandon_at: createdAt + LIFETIME.abandon,
    created_at: createdAt,
    updated_at: createdAt,
  };
}

/**
 * What `GET /v1/sessions` answers.
 *
 * @param sessions Every session.
 * @param parameters The query string.
 * @returns The newest first: a list, or with `paginated=true`, which Clerk's SDK sends, an object with their number.
 * @throws {ClerkError} Where the parameters are not as Clerk has them.
 */
export function listSessions(sessions: Iterable<ClerkSession>, parameters: URLSearchParams): unknown {
  refuseOthers(parameters, ["user_id", "client_id", "status", "limit", "offset", "paginated"]);
  const { limit, offset } = readPage(parameters);
  const matching = [...sessions].filter(readFilter(parameters)).sort(newestFirst);
  const page = matching.slice(offset, offset + limit).map(sessionObject);
  return parameters.get("paginated") === "true" ? { data: page, total_count: matching.length } : page;
}

function readFilter(parameters: URLSearchParams): (session: ClerkSession) => boolean {
  const [user, client, status] = ["user_id", "client_id", "status"].map((name) => parameters.get(name));
  if (!user && !client) throw invalidParameter("user_id", "user_id or client_id is required", "form_param_missing");
  if (status && !STATUSES.includes(status)) {
    throw invalidParameter("status", "status is none of a session's", "form_param_value_invalid");
  }
  return ({ id, userId }) =>
    (!user || userId === user) && (!client || clientOf(id) === client) && (!status || status === "active");
}

/** Each session has a client of its own, as one that the Backend API creates does. */
function clientOf(sessionId: string): string {
  return sessionId.replace(/^sess_/, "client_");
}

function newestFirst(one: ClerkSession, other: ClerkSession): number {
  return other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1);
}
