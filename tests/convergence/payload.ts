/**
 * Builds messages in Clerk's format.
 *
 * @module
 */
import type { ClerkChange } from "../../supabase/functions/_clerk-supabase/database/change.ts";
import { changeFromUser, type EventMapping } from "../../supabase/functions/_clerk-supabase/clerk/change.ts";
import { type ClerkEvent, parseEvent } from "../../supabase/functions/_clerk-supabase/clerk/event.ts";
import {
  createOwnColumnsMapping,
  type OwnColumns,
} from "../../supabase/functions/_clerk-supabase/clerk/own_columns.ts";
import type { DeleteMode } from "../../supabase/functions/_clerk-supabase/config.ts";
import { changeFromEvent, PLAIN } from "../helpers/clerk/mapping.ts";
import { EPOCH, type Message, type Profile } from "./history.ts";

/** A webhook message, which is any message except a fetched user. */
export type WebhookMessage = Exclude<Message, { kind: "fetched" }>;

const moment = (offset: number | undefined) => offset === undefined ? undefined : EPOCH + offset;

/** The body of a webhook. */
export function eventOf(message: WebhookMessage): Record<string, unknown> {
  const timestamp = moment(message.timestamp);
  switch (message.kind) {
    case "deleted":
      return { type: "user.deleted", timestamp, data: { id: message.user, deleted: true, object: "user" } };
    case "signed in":
      return { type: "session.created", timestamp, data: { user_id: message.user, created_at: moment(message.at) } };
    default:
      return { type: `user.${message.kind}`, timestamp, data: userOf(message.profile) };
  }
}

/** Returns a user object in Clerk's format. */
export function userOf(profile: Profile): Record<string, unknown> {
  return {
    id: profile.user,
    object: "user",
    updated_at: moment(profile.updatedAt),
    created_at: moment(profile.createdAt),
    last_sign_in_at: moment(profile.lastSignInAt) ?? null,
    last_active_at: moment(profile.lastActiveAt),
    primary_email_address_id: profile.email === undefined ? null : "idn_1",
    email_addresses: profile.email === undefined ? [] : [{
      id: "idn_1",
      email_address: profile.email,
      verification: { status: profile.verified ? "verified" : "unverified" },
    }],
    first_name: profile.firstName ?? null,
    public_metadata: profile.metadata,
    phone_numbers: profile.phone === null ? [] : [{ id: "idn_2", phone_number: profile.phone, verification: null }],
  };
}

/** The adopter's own columns, as in `clerk_columns.ts`. */
const OWN_COLUMNS = { phone_number: (user) => user.phone_numbers[0]?.phone_number ?? null } satisfies OwnColumns;

/**
 * Returns the mapping of a project, without an own column or with `phone_number`.
 *
 * @param deleteMode Whether a deletion deletes or hides the row.
 * @param hasOwnColumn Whether the project has the own column.
 */
export function mappingOf(deleteMode: DeleteMode, hasOwnColumn: boolean): EventMapping {
  return { ...PLAIN, deleteMode, mapOwn: createOwnColumnsMapping(hasOwnColumn ? OWN_COLUMNS : {}) };
}

/** Returns a change for the SQL function, by the real mapping. `sentAt` is the time of the attempt, after the epoch. */
export function changeOf(message: Message, sentAt: number, mapping: EventMapping): ClerkChange {
  if (message.kind === "fetched") {
    return changeFromUser(userOf(message.profile), EPOCH + message.answeredAt, mapping.mapOwn);
  }
  const event = parseEvent(JSON.stringify(eventOf(message))) as ClerkEvent;
  return changeFromEvent(event, { messageId: message.id, sentAt: EPOCH + sentAt }, mapping)!;
}
