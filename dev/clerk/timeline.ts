/**
 * Lists the messages about a user with their outcomes, and sends them again in another order.
 *
 * @module
 */
import { invalidParameter } from "./errors.ts";
import { createId } from "./keys.ts";
import type { Attempt, Message, Sender } from "./webhooks.ts";

/** Orders in which a user's messages can be sent again. */
const REPLAYS = ["twice", "reversed", "late"] as const;

/** A message in the timeline. */
export interface TimelineEntry {
  id: string;
  type: string;
  user_id: string | null;
  organization_id: string | null;
  /** In milliseconds. */
  created_at: number | null;
  /** The code in an e-mail or a text message. */
  code?: string;
  state: Message["state"];
  attempts: BriefAttempt[];
}

/** An attempt in the timeline: the outcome or the error code that the webhook answered. */
export interface BriefAttempt {
  at: number;
  status: number;
  outcome: string | null;
}

/** Fields that an event's data may have. */
type EventData =
  | {
    id?: string;
    user_id?: string;
    organization_id?: string;
    organization?: { id?: string };
    public_user_data?: { user_id?: string } | null;
  }
  | null
  | undefined;

/** Selects messages; all messages if it has no user, organizations or ids. */
export interface TimelineFilter {
  /** Messages about this user. */
  userId?: string | undefined;
  /** Adds messages about these organizations. */
  organizationIds?: readonly string[] | undefined;
  /** Adds messages with these ids. */
  ids?: readonly string[] | undefined;
  /** A time in milliseconds; earlier events are left out. */
  after?: number | undefined;
}

/**
 * Returns the timeline of the selected messages.
 *
 * @param messages Every message, oldest first.
 * @param filter Selects the messages.
 * @returns The entries, oldest first.
 */
export function listTimeline(
  messages: Iterable<Message>,
  { userId, organizationIds = [], ids = [], after }: TimelineFilter,
): TimelineEntry[] {
  const isAnything = userId === undefined && organizationIds.length === 0 && ids.length === 0;
  const isMeant = ({ id, user_id, organization_id }: TimelineEntry) => {
    return isAnything || (user_id !== null && user_id === userId) || ids.includes(id) ||
      (organization_id !== null && organizationIds.includes(organization_id));
  };
  return Array.from(messages, toEntry).filter((entry) => {
    return isMeant(entry) && (after === undefined || entry.created_at! > after);
  });
}

/**
 * Delivers a user's messages again, one at a time.
 *
 * @param messages Every message, oldest first.
 * @param sender Delivers the messages.
 * @param userId The user.
 * @param order Each message `twice`, newest first (`reversed`), or the oldest message last (`late`).
 * @param freshIds Whether each message gets a new id, so that its version decides instead of its id.
 * @returns The deliveries.
 * @throws {ClerkError} If the order is unknown.
 */
export async function replay(
  messages: Iterable<Message>,
  sender: Sender,
  userId: string,
  order: string,
  freshIds: boolean,
): Promise<Array<BriefAttempt & Pick<TimelineEntry, "id" | "type">>> {
  const deliveries = [];
  for (const { id, type } of arrange(listTimeline(messages, { userId }), order)) {
    deliveries.push({ id, type, ...inBrief(await sender.resend(id, freshIds ? createId("msg") : id)) });
  }
  return deliveries;
}

function arrange(entries: readonly TimelineEntry[], order: string): TimelineEntry[] {
  if (order === "twice") return entries.flatMap((entry) => [entry, entry]);
  if (order === "reversed") return entries.toReversed();
  if (order === "late") return [...entries.slice(1), ...entries.slice(0, 1)];
  throw invalidParameter("order", `order must be one of ${REPLAYS.join(", ")}`, "form_param_value_invalid");
}

function toEntry({ id, type, body, state, attempts }: Message): TimelineEntry {
  const { data, timestamp } = JSON.parse(body);
  return {
    id,
    type,
    ...subjectsOf(type, data),
    created_at: timestamp ?? null,
    ...(typeof data?.data?.otp_code === "string" && { code: data.data.otp_code }),
    state,
    attempts: attempts.map(inBrief),
  };
}

/**
 * Returns the user and the organization that an event is about. A session's event has its user's id in a separate
 * field.
 */
function subjectsOf(type: string, data: EventData): Pick<TimelineEntry, "user_id" | "organization_id"> {
  if (type.startsWith("organizationMembership.")) {
    return { user_id: data?.public_user_data?.user_id ?? null, organization_id: data?.organization?.id ?? null };
  }
  if (type.startsWith("organization.")) return { user_id: null, organization_id: data?.id ?? null };
  if (type.startsWith("organization")) {
    return { user_id: data?.user_id ?? null, organization_id: data?.organization_id ?? null };
  }
  const ownId = type.startsWith("user.") ? data?.id : undefined;
  return { user_id: data?.user_id ?? ownId ?? null, organization_id: null };
}

function inBrief({ at, status, answer }: Attempt): BriefAttempt {
  return { at, status, outcome: outcomeOf(answer) };
}

function outcomeOf(answer: string): string | null {
  try {
    const { outcome, code } = JSON.parse(answer);
    return outcome ?? code ?? null;
  } catch {
    // Something other than the webhook answered, or nothing did.
    return null;
  }
}
