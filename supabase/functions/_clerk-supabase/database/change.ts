/**
 * What the write path takes.
 *
 * @module
 */
import type { DeleteMode } from "../config.ts";
import type { Json } from "../formats/json.ts";

/** Milliseconds since 1970, or what was no time. */
export type Time = number | "invalid" | undefined;

/**
 * One change, as the SQL function takes it. Times are milliseconds since 1970 by Clerk's clock; one that Clerk
 * sent as anything but a number is `invalid`, to be refused.
 */
export interface ClerkChange {
  /** The event's type, or `user.fetched` for a user who was read from Clerk. */
  type: string;
  message_id?: string | undefined;
  /** Empty if Clerk sent none, which is refused; undefined if the event is only kept. */
  user_id?: string;
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
  delete_mode?: DeleteMode;
  /** The adopter's own columns. */
  own?: Record<string, Json>;
  /** The event's data, to be kept as Clerk sent it. */
  data?: Json;
  /** A code, to have the change refused with it, and what it is about. */
  problem?: "OWN_COLUMN_INVALID";
  detail?: Record<string, string>;
}
