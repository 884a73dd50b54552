/**
 * The messages about a user: what became of each, and sent again in another order.
 *
 * @module
 */
import { invalidParameter } from "./errors.ts";
import { createId } from "./keys.ts";
import type { Attempt, Message, Sender } from "./webhooks.ts";

/** In which orders a user's messages can be sent again. */
const REPLAYS = ["twice", "reversed", "late"] as const;

/** A message in brief. */
export interface TimelineEntry {
  id: string;
  type: string;
  user_id: string | null;
  organization_id: string | null;
  /** Milliseconds. */
  created_at: number | null;
  /** The code that an e-mail or a text message carries. */
  code?: string;
  state: Message["state"];
  attempts: BriefAttempt[];
}

/** An attempt in brief: what the webhook answered, as its outcome or its error code. */
export interface BriefAttempt {
  at: number;
  status: number;
  outcome: string | null;
}

/** What an event's data may have. */
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

/** Which messages; all unless a user, organizations or ids are given. */
export interface TimelineFilter {
  /** Those about this user. */
  userId?: string | undefined;
  /** Beside the user's, those about these organizations. */
  organizationIds?: readonly string[] | undefined;
  /** Beside those, the ones with these ids. */
  ids?: readonly string[] | undefined;
  /** Milliseconds: those of later events only. */
  after?: number | undefined;
}

/**
 * Lists messages in brief.
 *
 * @param messages Every message, the oldest first.
 * @param filter Which ones.
 * @returns The entries, the oldest first.
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
 * Delivers a user's messages once more, one after the other.
 *
 * @param messages Every message, the oldest first.
 * @param sender What delivers.
 * @param userId The user.
 * @param order Each `twice`, the newest first (`reversed`), or the oldest at the end (`late`).
 * @param freshIds Whether each goes under a message id that was never seen, so that its version decides what is news.
 * @returns Each delivery.
 * @throws {ClerkError} Where there is no such order.
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

/** Whom and what an event is about. A session's event has its user's id beside its own. */
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
    // Something else than the webhook answered, or nothing.
    return null;
  }
}
