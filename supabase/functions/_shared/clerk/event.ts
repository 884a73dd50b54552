/**
 * The envelope of Clerk's webhook events.
 *
 * @module
 */
import { isObject, parseJson } from "../json.ts";

/** The types that are stored; an endpoint subscribes to these. */
export const STORED_EVENTS = ["user.created", "user.updated", "user.deleted", "session.created"] as const;

/** A Clerk event, as far as every type has it. Whatever else it holds is read where it is used. */
export interface ClerkEvent {
  type: string;
  data: Record<string, unknown>;
  /** When it happened: milliseconds since 1970; the dashboard's example has seconds. May be absent. */
  timestamp: unknown;
  /** The instance it comes from, `ins_…`. May be absent; what is no text is written out, and matches none. */
  instanceId: string | undefined;
}

/**
 * Reads the body of a verified webhook.
 *
 * @param body The raw body.
 * @returns The event, or undefined where the body is no Clerk event.
 */
export function parseEvent(body: string): ClerkEvent | undefined {
  const value = parseJson(body);
  if (!isObject(value) || typeof value.type !== "string" || !isObject(value.data)) return undefined;
  return {
    type: value.type,
    data: value.data,
    timestamp: value.timestamp,
    instanceId: readInstanceId(value.instance_id),
  };
}

/**
 * Tells the event that Clerk's dashboard sends by "Send Example". It names an instance and a user that do not
 * exist, has its timestamp in seconds, and its primary address is not in its list.
 *
 * @param event A verified event.
 * @returns True for the example.
 */
export function isDashboardExample(event: ClerkEvent): boolean {
  return event.instanceId === "ins_123" || event.data.id === "user_29w83sxmDNGwOuEthce5gg56FcC";
}

function readInstanceId(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
