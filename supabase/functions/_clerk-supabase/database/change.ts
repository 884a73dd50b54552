/**
 * What the write path takes.
 *
 * @module
 */
import type { DeleteMode } from "../config.ts";
import type { Json } from "../formats/json.ts";

/** Milliseconds since 1970; `invalid` for a value that is not a time; undefined if Clerk sent none. */
export type Time = number | "invalid" | undefined;

/**
 * One change, as the SQL function takes it. Times are milliseconds since 1970 by Clerk's clock; one that Clerk
 * sent as anything but a number is `invalid`, to be refused.
 */
export interface ClerkChange {
  /** The event's type, or `user.fetched` and its like for an object that was read from Clerk. */
  type: string;
  message_id?: string | undefined;
  /** The message that an organization came with: it orders the change, which the ledger does not record. */
  carried_by?: string;
  /** The id of what the event is about is empty if Clerk sent none, and then refused. An event only kept has none. */
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
  /** The event's data, to be kept as Clerk sent it. */
  data?: Json;
  /** A code, to have the change refused with it, and what it is about. */
  problem?: "OWN_COLUMN_INVALID";
  detail?: Record<string, string>;
}
