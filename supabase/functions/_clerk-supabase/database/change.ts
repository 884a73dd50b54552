/**
 * The input of the write path.
 *
 * @module
 */
import type { DeleteMode } from "../config.ts";
import type { Json } from "../formats/json.ts";

/** Milliseconds since 1970; `invalid` for a value that is not a time; undefined if Clerk sent none. */
export type Time = number | "invalid" | undefined;

/**
 * One change, in the form that the SQL function expects. Times are milliseconds since 1970 by Clerk's clock. A time
 * that is not a number is `invalid`, and the database refuses the change.
 */
export interface ClerkChange {
  /** The event's type. For an object that was read from Clerk, `user.fetched` or a similar type. */
  type: string;
  message_id?: string | undefined;
  /** The message that contained the organization. It orders the change, which the ledger does not record. */
  carried_by?: string;
  /** The subject's id is empty if Clerk sent none; then the change is refused. An event that is only kept has no id. */
  user_id?: string | undefined;
  organization_id?: string | undefined;
  membership_id?: string | undefined;
  sent_at: number;
  event_at?: Time;
  updated_at?: Time;
  created_at?: Time;
  last_sign_in_at?: Time;
  email?: string | null;
  email_verified?: boolean;
  first_name?: string | null;
  last_name?: string | null;
  username?: string | null;
  profile_image_url?: string | null;
  metadata?: Json | undefined;
  name?: string | null;
  slug?: string | null;
  image_url?: string | null;
  /** Clerk's role key, such as `org:admin`. */
  role?: string | undefined;
  delete_mode?: DeleteMode;
  /** The adopter's own columns. */
  own?: Record<string, Json>;
  /** The data of a kept event, as Clerk sent it. */
  data?: Json;
  /** If set, the database refuses the change with this code and `detail`. */
  problem?: "OWN_COLUMN_INVALID";
  detail?: Record<string, string>;
}
