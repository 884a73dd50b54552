/**
 * Reads the caller's own row, as the caller.
 *
 * @module
 */
import type { DataApiConfig } from "../config.ts";
import { createCallerClients } from "./clients.ts";
import { callerFailure } from "./failure.ts";
import type { Database } from "./types.ts";
import type { Session } from "../auth/token.ts";

/** The columns of a profile that callers get. */
export type Profile = Omit<Database["public"]["Tables"]["users"]["Row"], "deleted_at">;

/** The result of reading the caller's row. */
export interface OwnRow {
  /** Includes the requested own columns. Undefined if there is no row. */
  profile: Profile | undefined;
  /** True if there is no row because the user was deleted. */
  deleted: boolean;
}

/** Reads the caller's row. */
export type ReadOwnRow = (session: Session) => Promise<OwnRow>;

const COLUMNS =
  "id, clerk_user_id, email, email_verified, first_name, last_name, profile_image_url, username, created_at, updated_at, last_sign_in_at, metadata";

/**
 * Creates a reader. Each query sends the caller's token and no service key.
 *
 * @param config The project's URL and a publishable key.
 * @param ownColumns Names of the adopter's own columns to read as well.
 * @returns The reader. It throws `DATA_API_REFUSED_TOKEN`, `DATABASE_UNAVAILABLE` or `DATABASE_MISCONFIGURED`.
 *
 * @example
 * ```ts
 * import { createReadOwnRow } from "./own_row.ts";
 *
 * const readOwnRow = createReadOwnRow({ url: "http://127.0.0.1:1", key: "sb_publishable_x" }); // nothing listens there
 * const ada = { userId: "user_ada", sessionId: "sess_1", claims: {}, actor: undefined, organization: undefined };
 * const error = await readOwnRow({ ...ada, token: "token" }).catch((error) => error);
 * if (error.code !== "DATABASE_UNAVAILABLE") throw error; // 503, and never "no row"
 * ```
 */
export function createReadOwnRow(config: DataApiConfig, ownColumns: readonly string[] = []): ReadOwnRow {
  const clientOf = createCallerClients(config);
  // The compiler knows only the columns of the bundle.
  const columns = [COLUMNS, ...ownColumns.map(quoted)].join(", ") as typeof COLUMNS;
  return async (session) => {
    const client = clientOf(session.token);
    const row = await client.from("users").select(columns).eq("clerk_user_id", session.userId).maybeSingle();
    if (row.error) throw callerFailure(row);
    if (row.data) return { profile: row.data, deleted: false };
    const deletedAt = await client.rpc("caller_deleted_at");
    if (deletedAt.error) throw callerFailure(deletedAt);
    return { profile: undefined, deleted: deletedAt.data !== null };
  };
}

/** Quotes a name with special characters, which the Data API would otherwise interpret. */
function quoted(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `"${name.replaceAll(/["\\]/g, "\\$&")}"`;
}
