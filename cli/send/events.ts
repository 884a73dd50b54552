/**
 * The events to send: samples of an invented user, Clerk's published examples, or the events of a file.
 *
 * @module
 */
import { EXAMPLE_EVENTS } from "../../project/example_events.ts";
import { STORED_EVENTS, type StoredType } from "../../supabase/functions/_clerk-supabase/clerk/event.ts";
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { CommandError, UsageError } from "../../project/errors.ts";
import { type Subject, subjectsOf } from "./subjects.ts";

/** A message on its way to the webhook. */
export interface Message {
  /** The svix-id: the same for every delivery of a message. */
  id: string;
  type: string;
  /** The rows that it is about. */
  subjects: Subject[];
  body: string;
}

/** The time between two samples. */
const SAMPLE_INTERVAL_MS = 1_000;

/**
 * Creates messages from samples and files, in the given order. Samples belong to one user and are a second apart; the
 * last one happens now.
 *
 * @param sources Types of samples, or files that hold an event, an array or lines of events, or a simulator's messages.
 * @param options The sample's user, and now, in milliseconds.
 * @returns The messages.
 * @throws {UsageError} If a source is neither a sample nor a file.
 */
export async function readMessages(
  sources: readonly string[],
  { userId, now }: { userId: string; now: number },
): Promise<Message[]> {
  const messages: Message[] = [];
  for (const [index, source] of sources.entries()) {
    const at = now - (sources.length - 1 - index) * SAMPLE_INTERVAL_MS;
    const sample = STORED_EVENTS.find((type) => type === source);
    messages.push(
      ...sample
        ? [toMessage(createSample(sample, { userId, at, createdAt: now - 60_000 }), source)]
        : await readFile(source),
    );
  }
  return messages;
}

/**
 * Creates a message of every example event that "Send Example" in Clerk's dashboard sends.
 *
 * @returns The messages, each with its own id.
 */
export function exampleMessages(): Message[] {
  return EXAMPLE_EVENTS.map((event) => toMessage(event, event.type));
}

async function readFile(path: string): Promise<Message[]> {
  const text = await Deno.readTextFile(path).catch(() => {
    throw new UsageError(
      `Cannot send ${path}: it is neither a sample (${STORED_EVENTS.join(", ")}) nor a file in ${Deno.cwd()}`,
    );
  });
  const whole = parseJson(text);
  const items = whole === undefined
    ? text.split("\n").filter((line) => line.trim() !== "").map(parseJson)
    : Array.isArray(whole)
    ? whole
    : [whole];
  return items.map((item) => toMessage(item, path));
}

/** Converts an event, or a message of the simulator's list, which has an id and a body as text. */
function toMessage(item: unknown, source: string): Message {
  if (!isObject(item)) throw new CommandError(`Cannot send ${source}: it is not a JSON object`);
  const recorded = typeof item.body === "string" && typeof item.id === "string";
  const event = recorded ? parseJson(item.body as string) : item;
  const data = isObject(event) && isObject(event.data) ? event.data : {};
  const type = isObject(event) && typeof event.type === "string" ? event.type : "unknown";
  return {
    id: recorded ? item.id as string : `msg_${crypto.randomUUID().replaceAll("-", "")}`,
    type,
    subjects: subjectsOf(type, data),
    body: recorded ? item.body as string : JSON.stringify(item),
  };
}

/** The user of a sample, and the times of the event and of the creation, in milliseconds. */
interface SampleOptions {
  userId: string;
  at: number;
  createdAt: number;
}

function createSample(type: StoredType, options: SampleOptions): unknown {
  return { data: SAMPLES[type](options), object: "event", timestamp: options.at, type };
}

const SAMPLES: Record<StoredType, (options: SampleOptions) => unknown> = {
  "user.created": ({ userId, at, createdAt }) => sampleUser(userId, at, createdAt, "Ada"),
  "user.updated": ({ userId, at, createdAt }) => sampleUser(userId, at, createdAt, `Ada ${new Date(at).toISOString()}`),
  "user.deleted": ({ userId }) => ({ deleted: true, id: userId, object: "user" }),
  "session.created": ({ userId, at }) => ({
    ...{ id: `sess_${userId.slice(5)}`, object: "session", user_id: userId, status: "active" },
    created_at: at,
  }),
  "organization.created": sampleOrganization,
  "organization.updated": sampleOrganization,
  "organization.deleted": ({ userId }) => ({ deleted: true, id: organizationIdOf(userId), object: "organization" }),
  "organizationMembership.created": sampleMembership,
  "organizationMembership.updated": sampleMembership,
  "organizationMembership.deleted": sampleMembership,
};

/** Derives the organization from the user, so that samples sent one by one concern the same organization. */
const organizationIdOf = (userId: string) => `org_${userId.slice(5)}`;

function sampleOrganization({ userId, at, createdAt }: SampleOptions): unknown {
  return {
    id: organizationIdOf(userId),
    object: "organization",
    name: "Sample",
    slug: "sample",
    image_url: "https://img.clerk.com/sample",
    public_metadata: { sample: true },
    created_at: createdAt,
    updated_at: at,
  };
}

function sampleMembership(options: SampleOptions): unknown {
  const { userId, at, createdAt } = options;
  return {
    id: `orgmem_${userId.slice(5)}`,
    object: "organization_membership",
    role: "org:member",
    public_metadata: {},
    public_user_data: { user_id: userId },
    organization: sampleOrganization(options),
    created_at: createdAt,
    updated_at: at,
  };
}

function sampleUser(id: string, at: number, createdAt: number, firstName: string): unknown {
  const address = { id: "idn_sample", email_address: `${id}@example.com`, verification: { status: "verified" } };
  return {
    id,
    object: "user",
    first_name: firstName,
    last_name: "Sample",
    username: null,
    image_url: "https://img.clerk.com/sample",
    primary_email_address_id: address.id,
    email_addresses: [address],
    public_metadata: { sample: true },
    created_at: createdAt,
    updated_at: at,
    last_sign_in_at: null,
  };
}
