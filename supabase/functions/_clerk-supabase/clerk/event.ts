/**
 * The envelope of Clerk's webhook events.
 *
 * @module
 */
import { parseExactJson } from "../formats/exact_json.ts";
import { isObject } from "../formats/json.ts";

/** The types that are stored; an endpoint subscribes to these. */
export const STORED_EVENTS = [
  ...["user.created", "user.updated", "user.deleted", "session.created"] as const,
  ...["organization.created", "organization.updated", "organization.deleted"] as const,
  ...["organizationMembership.created", "organizationMembership.updated", "organizationMembership.deleted"] as const,
] as const;

/** A type that is stored. */
export type StoredType = typeof STORED_EVENTS[number];

/** The fields that every Clerk event has. `data` is read by the mapping. */
export interface ClerkEvent {
  type: string;
  data: Record<string, unknown>;
  /** Time of the event in milliseconds since 1970; Clerk's examples have seconds. May be absent. */
  timestamp: unknown;
  /** The instance that sent it, `ins_…`. May be absent; a value that is not a string matches no instance. */
  instanceId: string | undefined;
}

/**
 * Reads the body of a verified webhook.
 *
 * @param body The raw body.
 * @returns The event, or undefined if the body is not a Clerk event.
 */
export function parseEvent(body: string): ClerkEvent | undefined {
  const value = parseExactJson(body);
  if (!isObject(value) || typeof value.type !== "string" || !isObject(value.data)) return undefined;
  return {
    type: value.type,
    data: value.data,
    timestamp: value.timestamp,
    instanceId: readInstanceId(value.instance_id),
  };
}

/**
 * Returns whether events of a type are stored.
 *
 * @param type The event's type.
 * @returns True for the types of {@linkcode STORED_EVENTS}.
 */
export function isStoredType(type: string): type is StoredType {
  return STORED_EVENTS.some((stored) => stored === type);
}

/** Replaces a value that is not a string, because it may nest too deep to be written out. */
function readInstanceId(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : `(not a string but ${typeof value})`;
}
