/**
 * Maps Clerk's users, sessions, organizations, memberships and kept events to changes for `apply_clerk_changes`. No
 * other module does. It chooses the fields and makes them storable; the database decides what is new and what is
 * refused.
 *
 * @module
 */
import type { DeleteMode } from "../config.ts";
import type { ClerkChange } from "../database/change.ts";
import { digitsOf } from "../formats/exact_json.ts";
import { isObject } from "../formats/json.ts";
import { type ClerkEvent, isStoredType, type StoredType } from "./event.ts";
import { readEventTime, readId, readMetadata, readString, readTime } from "./fields.ts";
import { readMembership, readOrganization } from "./organization.ts";
import type { MapOwnColumns } from "./own_columns.ts";
import { storableValue } from "../formats/storable.ts";
import type { Delivery } from "./webhook.ts";

/** The adopter's settings for the mapping of events. */
export interface EventMapping {
  /** Whether a user's deletion removes or hides the row. */
  deleteMode: DeleteMode;
  /** Whether an organization's deletion removes or hides the row. */
  organizationDeleteMode: DeleteMode;
  /** Reads the own columns; undefined if there are none. */
  mapOwn: MapOwnColumns | undefined;
  /** Whether events of a type are kept, with their data. */
  keepsType: (type: string) => boolean;
}

/** The fields that every change of a message has. */
type Message = Required<Pick<ClerkChange, "type" | "sent_at">> & Pick<ClerkChange, "message_id" | "event_at">;

/**
 * Maps a webhook event.
 *
 * @param event The verified event.
 * @param delivery The signed headers.
 * @param mapping The adopter's decisions.
 * @returns The changes to apply in one call, the event's own one last. Empty for an event that is neither stored nor
 * kept: another type, or the session of an impersonator, which is not a sign-in of the user.
 */
export function changesFromEvent(event: ClerkEvent, delivery: Delivery, mapping: EventMapping): ClerkChange[] {
  const message: Message = {
    type: event.type,
    message_id: delivery.messageId,
    sent_at: delivery.sentAt,
    event_at: readEventTime(event.timestamp),
  };
  // This must come first: the adopter's functions get the same object and might change it.
  const kept = mapping.keepsType(event.type) ? { data: storableValue(event.data) } : undefined;
  const stored = isStoredType(event.type) ? MAPPERS[event.type](event.data, message, mapping) : undefined;
  if (!kept && !stored) return [];
  return [...stored ? embeddedOrganization(event, message) : [], { ...message, ...stored, ...kept }];
}

/**
 * Maps the organization inside a membership's event, which makes up for a lost `organization.created`. The removal of a
 * membership may come after its organization was deleted, so its organization is not mapped.
 */
function embeddedOrganization(event: ClerkEvent, { message_id, ...message }: Message): ClerkChange[] {
  const { organization } = event.data;
  const isProfile = event.type === "organizationMembership.created" || event.type === "organizationMembership.updated";
  if (!isProfile || !isObject(organization)) return [];
  return [{ ...message, type: "organization.fetched", carried_by: message_id!, ...readOrganization(organization) }];
}

/** Returns the fields that a stored type adds to its change; undefined if the event must be ignored. */
type Mapper = (
  data: Record<string, unknown>,
  message: Message,
  mapping: EventMapping,
) => Partial<ClerkChange> | undefined;

/** A stored type without a mapper is a compile error. */
const MAPPERS: Record<StoredType, Mapper> = {
  "user.created": (data, _, { mapOwn }) => readUser(data, mapOwn),
  "user.updated": (data, _, { mapOwn }) => readUser(data, mapOwn),
  "user.deleted": (data, _, { deleteMode }) => ({ user_id: readId(data.id) ?? "", delete_mode: deleteMode }),
  "session.created": (data, { event_at, sent_at }) => {
    if ((data.actor ?? null) !== null) return undefined;
    return { user_id: readId(data.user_id) ?? "", last_sign_in_at: readTime(data.created_at) ?? event_at ?? sent_at };
  },
  "organization.created": readOrganization,
  "organization.updated": readOrganization,
  "organization.deleted": (data, _, { organizationDeleteMode }) => ({
    organization_id: readId(data.id) ?? "",
    delete_mode: organizationDeleteMode,
  }),
  "organizationMembership.created": readMembership,
  "organizationMembership.updated": readMembership,
  "organizationMembership.deleted": readMembership,
};

/** Maps an object of Clerk's Backend API. `answeredAtMs` is the `Date` header of the response, in milliseconds. */
export type MapFetched = (object: Record<string, unknown>, answeredAtMs: number) => ClerkChange;

/**
 * Maps a user read from Clerk's Backend API.
 *
 * @param user The user object.
 * @param answeredAtMs The `Date` header of the response: the event time of this reading.
 * @param mapOwn Reads the own columns; undefined if there are none.
 * @returns The change.
 */
export function changeFromUser(
  user: Record<string, unknown>,
  answeredAtMs: number,
  mapOwn: MapOwnColumns | undefined,
): ClerkChange {
  return { type: "user.fetched", sent_at: answeredAtMs, event_at: answeredAtMs, ...readUser(user, mapOwn) };
}

/** Maps an organization read from Clerk's Backend API. */
export const changeFromOrganization: MapFetched = (organization, answeredAtMs) => ({
  type: "organization.fetched",
  sent_at: answeredAtMs,
  event_at: answeredAtMs,
  ...readOrganization(organization),
});

/** Maps a membership read from Clerk's Backend API. */
export const changeFromMembership: MapFetched = (membership, answeredAtMs) => ({
  type: "organizationMembership.fetched",
  sent_at: answeredAtMs,
  event_at: answeredAtMs,
  ...readMembership(membership),
});

/** Skips private metadata, because clients can read the row, and unsafe metadata, because the user can write it. */
function readUser(user: Record<string, unknown>, mapOwn: MapOwnColumns | undefined): Partial<ClerkChange> {
  const email = primaryEmail(user);
  return {
    user_id: readId(user.id) ?? "",
    updated_at: readTime(user.updated_at),
    created_at: readTime(user.created_at),
    last_sign_in_at: readTime(user.last_sign_in_at),
    email: readString(email?.email_address),
    email_verified: isObject(email?.verification) && email.verification.status === "verified",
    first_name: readString(user.first_name),
    last_name: readString(user.last_name),
    username: readString(user.username),
    profile_image_url: readString(user.image_url),
    metadata: readMetadata(user.public_metadata),
    ...mapOwn?.(user),
  };
}

/**
 * Returns the entry that `primary_email_address_id` names. Null means that there is no primary address, and so does an
 * id that is not in the list. A payload without that key marks the entry itself, or has only one.
 */
function primaryEmail(user: Record<string, unknown>): Record<string, unknown> | undefined {
  const entries = Array.isArray(user.email_addresses) ? user.email_addresses.filter(isObject) : [];
  if (user.primary_email_address_id === undefined) return entries.find((entry) => entry.primary === true) ?? entries[0];
  return entries.find((entry) => entry.id !== undefined && isSame(entry.id, user.primary_email_address_id));
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (digitsOf(one) !== undefined && digitsOf(one) === digitsOf(other));
}
