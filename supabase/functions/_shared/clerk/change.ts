/**
 * The one mapping: Clerk's users, deletions and sessions become changes for `apply_clerk_changes`. It decides
 * which fields are read and makes them storable; the database decides what is news and what is refused.
 *
 * @module
 */
import type { DeleteMode } from "../config.ts";
import type { Json } from "../database/types.ts";
import { digitsOf } from "../exact_json.ts";
import { isObject } from "../json.ts";
import type { ClerkEvent, STORED_EVENTS } from "./event.ts";
import { storableText, storableValue } from "./storable.ts";
import type { Delivery } from "./webhook.ts";

/** Milliseconds since 1970, or what was no time. */
export type Time = number | "invalid" | undefined;

/**
 * One change, as the SQL function takes it. Times are milliseconds since 1970 by Clerk's clock; one that Clerk
 * sent as anything but a number is `invalid`, to be refused.
 */
export interface ClerkChange {
  /** An event's, or that of a user who was read from Clerk. */
  type: typeof STORED_EVENTS[number] | "user.fetched";
  message_id?: string | undefined;
  /** Null where Clerk sent none, which is refused. */
  user_id: string | null;
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
}

/**
 * Maps a webhook event.
 *
 * @param event The verified event.
 * @param delivery What the signature vouches for.
 * @param deleteMode What a deletion does to the row.
 * @returns The change, or undefined for an event that is not stored: another type, or the session of somebody
 * who impersonates the user, which is no sign-in of the user.
 */
export function changeFromEvent(
  event: ClerkEvent,
  delivery: Delivery,
  deleteMode: DeleteMode,
): ClerkChange | undefined {
  const common = {
    message_id: delivery.messageId,
    sent_at: delivery.sentAt,
    event_at: eventTime(event.timestamp),
  };
  switch (event.type) {
    case "user.created":
    case "user.updated":
      return { type: event.type, ...common, ...profile(event.data) };
    case "user.deleted":
      return { type: event.type, ...common, user_id: identifier(event.data.id), delete_mode: deleteMode };
    case "session.created":
      if ((event.data.actor ?? null) !== null) return undefined;
      return {
        type: event.type,
        ...common,
        user_id: identifier(event.data.user_id),
        last_sign_in_at: time(event.data.created_at) ?? common.event_at ?? delivery.sentAt,
      };
    default:
      return undefined;
  }
}

/**
 * Maps a user read from Clerk's Backend API.
 *
 * @param user The user object.
 * @param answeredAt The `Date` header of the answer, in milliseconds: the event time of this reading.
 * @returns The change.
 */
export function changeFromUser(user: Record<string, unknown>, answeredAt: number): ClerkChange {
  return { type: "user.fetched", sent_at: answeredAt, event_at: answeredAt, ...profile(user) };
}

/** Private metadata never reaches a row that a client can read; unsafe metadata is written by the user itself. */
function profile(user: Record<string, unknown>): Omit<ClerkChange, "type" | "sent_at"> {
  const email = primaryEmail(user);
  return {
    user_id: identifier(user.id),
    updated_at: time(user.updated_at),
    created_at: time(user.created_at),
    last_sign_in_at: time(user.last_sign_in_at),
    email: text(email?.email_address),
    email_verified: isObject(email?.verification) && email.verification.status === "verified",
    first_name: text(user.first_name),
    last_name: text(user.last_name),
    username: text(user.username),
    profile_image_url: text(user.image_url),
    metadata: user.public_metadata === undefined ? undefined : storableValue(user.public_metadata),
  };
}

/**
 * The entry that `primary_email_address_id` names. Null there means no primary address, and an id that is not
 * in the list names none. A payload without that key at all marks the entry itself, or has just one to mean.
 */
function primaryEmail(user: Record<string, unknown>): Record<string, unknown> | undefined {
  const entries = Array.isArray(user.email_addresses) ? user.email_addresses.filter(isObject) : [];
  if (user.primary_email_address_id === undefined) return entries.find((entry) => entry.primary === true) ?? entries[0];
  return entries.find((entry) => entry.id !== undefined && isSame(entry.id, user.primary_email_address_id));
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (digitsOf(one) !== undefined && digitsOf(one) === digitsOf(other));
}

function identifier(value: unknown): string | null {
  return typeof value === "string" ? storableText(value) : null;
}

/** A number in place of a text is written out; any other value that is not a text is left out. */
function text(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? storableText(value) : digitsOf(value) ?? null;
}

/** March 1973 and November 2286. Between the two, milliseconds would be days of early 1970. */
const [FIRST_SECONDS, END_OF_SECONDS] = [1e8, 1e10];

/** A time of a user or session. Clerk's are milliseconds; payloads that people make by hand have seconds. */
function time(value: unknown): Time {
  const given = number(value);
  const isSeconds = typeof given === "number" && given >= FIRST_SECONDS && given < END_OF_SECONDS;
  return isSeconds ? Math.round(given * 1000) : given;
}

/** The event's own timestamp is in seconds in Clerk's examples and in older documents: those lie below 1e12. */
function eventTime(value: unknown): Time {
  const given = number(value);
  return typeof given === "number" && given < 1e12 ? number(given * 1000) : given;
}

/** JSON has no infinity: one from a number too large would turn into null. */
function number(value: unknown): Time {
  if (value === undefined || value === null) return undefined;
  const given = digitsOf(value) === undefined ? value : Number(digitsOf(value));
  return typeof given === "number" && Number.isFinite(given) ? given : "invalid";
}
