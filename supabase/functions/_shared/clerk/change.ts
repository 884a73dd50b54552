/**
 * The one mapping: Clerk's users, deletions, sessions and kept events become changes for `apply_clerk_changes`. It
 * decides which fields are read and makes them storable; the database decides what is news and what is refused.
 *
 * @module
 */
import type { DeleteMode } from "../config.ts";
import type { Json } from "../database/types.ts";
import { digitsOf } from "../exact_json.ts";
import { isObject } from "../json.ts";
import { type ClerkEvent, isStoredType, type StoredType } from "./event.ts";
import type { MapOwnColumns } from "./own_columns.ts";
import { storableText, storableValue } from "./storable.ts";
import type { Delivery } from "./webhook.ts";

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
  organization_id?: string;
  membership_id?: string;
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
  role?: string;
  delete_mode?: DeleteMode;
  /** The adopter's own columns. */
  own?: Record<string, Json>;
  /** The event's data, to be kept as Clerk sent it. */
  data?: Json;
  /** A code, to have the change refused with it, and what it is about. */
  problem?: "OWN_COLUMN_INVALID";
  detail?: Record<string, string>;
}

/** What an adopter decides about the mapping of events. */
export interface EventMapping {
  /** What a deletion does to the row. */
  deleteMode: DeleteMode;
  /** Reads the own columns; undefined if there are none. */
  mapOwn: MapOwnColumns | undefined;
  /** Whether events of a type are kept, with their data. */
  keepsType: (type: string) => boolean;
}

/**
 * Maps a webhook event.
 *
 * @param event The verified event.
 * @param delivery What the signature vouches for.
 * @param mapping The adopter's decisions.
 * @returns The change, or undefined for an event that is neither stored nor kept: another type, or the session of
 * somebody who impersonates the user, which is no sign-in of the user.
 */
export function changeFromEvent(event: ClerkEvent, delivery: Delivery, mapping: EventMapping): ClerkChange | undefined {
  const common = {
    type: event.type,
    message_id: delivery.messageId,
    sent_at: delivery.sentAt,
    event_at: eventTime(event.timestamp),
  };
  // Read first: the adopter's functions get the same object, and might change it.
  const kept = mapping.keepsType(event.type) ? { data: storableValue(event.data) } : undefined;
  const stored = isStoredType(event.type) ? MAPPERS[event.type](event.data, common, mapping) : undefined;
  return kept || stored ? { ...common, ...stored, ...kept } : undefined;
}

/** What a stored type adds to its change; undefined if the event is not about its user after all. */
type Mapper = (
  data: Record<string, unknown>,
  common: Pick<ClerkChange, "sent_at" | "event_at">,
  mapping: EventMapping,
) => Partial<ClerkChange> | undefined;

/** A stored type without a mapper does not compile. */
const MAPPERS: Record<StoredType, Mapper> = {
  "user.created": (data, _, { mapOwn }) => profile(data, mapOwn),
  "user.updated": (data, _, { mapOwn }) => profile(data, mapOwn),
  "user.deleted": (data, _, { deleteMode }) => ({ user_id: identifier(data.id), delete_mode: deleteMode }),
  "session.created": (data, { event_at, sent_at }) => {
    if ((data.actor ?? null) !== null) return undefined;
    return { user_id: identifier(data.user_id), last_sign_in_at: time(data.created_at) ?? event_at ?? sent_at };
  },
};

/**
 * Maps a user read from Clerk's Backend API.
 *
 * @param user The user object.
 * @param answeredAt The `Date` header of the answer, in milliseconds: the event time of this reading.
 * @param mapOwn Reads the own columns; undefined if there are none.
 * @returns The change.
 */
export function changeFromUser(
  user: Record<string, unknown>,
  answeredAt: number,
  mapOwn: MapOwnColumns | undefined,
): ClerkChange {
  return { type: "user.fetched", sent_at: answeredAt, event_at: answeredAt, ...profile(user, mapOwn) };
}

/**
 * Maps an organization read from Clerk's Backend API.
 *
 * @param organization The organization object.
 * @param answeredAt The `Date` header of the answer, in milliseconds.
 * @returns The change.
 */
export function changeFromOrganization(organization: Record<string, unknown>, answeredAt: number): ClerkChange {
  return {
    type: "organization.fetched",
    sent_at: answeredAt,
    event_at: answeredAt,
    organization_id: identifier(organization.id),
    updated_at: time(organization.updated_at),
    created_at: time(organization.created_at),
    name: text(organization.name),
    slug: text(organization.slug),
    image_url: text(organization.image_url),
    metadata: organization.public_metadata === undefined ? undefined : storableValue(organization.public_metadata),
  };
}

/**
 * Maps a membership read from Clerk's Backend API.
 *
 * @param membership The membership object.
 * @param answeredAt The `Date` header of the answer, in milliseconds.
 * @returns The change.
 */
export function changeFromMembership(membership: Record<string, unknown>, answeredAt: number): ClerkChange {
  const { organization, public_user_data: user } = membership;
  return {
    type: "organizationMembership.fetched",
    sent_at: answeredAt,
    event_at: answeredAt,
    membership_id: identifier(membership.id),
    organization_id: identifier(isObject(organization) ? organization.id : undefined),
    user_id: identifier(isObject(user) ? user.user_id : undefined),
    role: text(membership.role) ?? "",
    updated_at: time(membership.updated_at),
    created_at: time(membership.created_at),
    metadata: membership.public_metadata === undefined ? undefined : storableValue(membership.public_metadata),
  };
}

/** Private metadata never reaches a row that a client can read; unsafe metadata is written by the user itself. */
function profile(user: Record<string, unknown>, mapOwn: MapOwnColumns | undefined): Partial<ClerkChange> {
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
    ...mapOwn?.(user),
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

function identifier(value: unknown): string {
  return typeof value === "string" ? storableText(value) : "";
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
