/**
 * Messages as Clerk sends them.
 *
 * @module
 */
import { changeFromEvent, changeFromUser, type ClerkChange } from "../../supabase/functions/_shared/clerk/change.ts";
import { type ClerkEvent, parseEvent } from "../../supabase/functions/_shared/clerk/event.ts";
import type { DeleteMode } from "../../supabase/functions/_shared/config.ts";
import { EPOCH, type Message, type Profile } from "./history.ts";

/** A message of the webhook: all but fetched users. */
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

/** A user object of Clerk. */
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
  };
}

/** A change for the SQL function, by the real mapping. `sentAt` is the time of the attempt, after the epoch. */
export function changeOf(message: Message, sentAt: number, deleteMode: DeleteMode): ClerkChange {
  if (message.kind === "fetched") return changeFromUser(userOf(message.profile), EPOCH + message.answeredAt);
  const event = parseEvent(JSON.stringify(eventOf(message))) as ClerkEvent;
  return changeFromEvent(event, { messageId: message.id, sentAt: EPOCH + sentAt }, deleteMode)!;
}
