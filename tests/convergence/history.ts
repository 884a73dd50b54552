/**
 * Random histories: what happened at Clerk, and how news of it is delivered.
 *
 * Times come from ranges so small that ties are the rule: two messages of one user with the same `updated_at`, the
 * same `timestamp` or both, and claims of different users with the same version.
 *
 * @module
 */
import fc from "fast-check";
import type { DeleteMode } from "../../supabase/functions/_clerk-supabase/config.ts";

/** The time that histories count from, in milliseconds. */
export const EPOCH = 1_744_276_393_000;

/** A user as Clerk shows it, as far as it is stored, and one field that is not. */
export interface Profile {
  user: string;
  /** Milliseconds after {@linkcode EPOCH}; undefined for a payload without it, which then has a `timestamp`. */
  updatedAt: number | undefined;
  createdAt: number | undefined;
  lastSignInAt: number | undefined;
  email: string | undefined;
  verified: boolean;
  firstName: string | undefined;
  metadata: Record<string, number>;
  /** For an own column; null for a user without one. */
  phone: string | null;
  /** A field that Clerk sends and nobody stores. */
  lastActiveAt: number;
}

/** News from Clerk: a webhook message, or what reconcile read by itself. Fetched users have no message id. */
export type Message =
  | { kind: "created" | "updated"; id: string; timestamp: number | undefined; profile: Profile }
  | { kind: "deleted"; id: string; timestamp: number; user: string }
  | { kind: "signed in"; id: string; timestamp: number; user: string; at: number }
  | { kind: "fetched"; answeredAt: number; profile: Profile };

/** A history. Everything about its delivery follows from the seed. */
export interface History {
  deleteMode: DeleteMode;
  messages: Message[];
  seed: number;
}

const ADDRESSES = ["a@x.com", "A@X.com", "b@x.com", "c@x.com", "C@x.com", "d@x.com"];

const small = fc.integer({ min: 0, max: 4 });
const user = fc.integer({ min: 0, max: 29 }).map((number) => `user_${number}`);
/** Most histories are about few users, so that a user has many messages. */
const fewUsers = fc.oneof({ weight: 3, arbitrary: fc.constantFrom("user_0", "user_1", "user_2") }, {
  weight: 2,
  arbitrary: user,
});

/** Every other user has an own column, so that histories mix changes with own columns and without. */
export function hasOwnColumn(user: string): boolean {
  return Number(user.replace("user_", "")) % 2 === 0;
}

const profileWith = (phone: fc.Arbitrary<string | null>): fc.Arbitrary<Profile> =>
  fc.record({
    user: fewUsers,
    updatedAt: fc.option(small, { nil: undefined, freq: 8 }),
    createdAt: fc.option(fc.integer({ min: 0, max: 1 }), { nil: undefined, freq: 8 }),
    lastSignInAt: fc.option(small, { nil: undefined }),
    email: fc.option(fc.constantFrom(...ADDRESSES), { nil: undefined, freq: 5 }),
    verified: fc.boolean(),
    firstName: fc.option(fc.constantFrom("Ada", "Eve"), { nil: undefined }),
    metadata: fc.constantFrom<Array<Record<string, number>>>({}, { plan: 1 }, { plan: 2 }),
    phone,
    lastActiveAt: small,
  }).map((given) => hasOwnColumn(given.user) ? given : { ...given, phone: null });

/** Without its id, which comes with the position: ids are unique. */
const draftWith = (profile: fc.Arbitrary<Profile>) =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constantFrom("created" as const, "updated" as const, "updated" as const),
        timestamp: fc.option(small, { nil: undefined, freq: 8 }),
        profile,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("deleted" as const), timestamp: small, user: fewUsers }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("signed in" as const), timestamp: small, user: fewUsers, at: small }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("fetched" as const), profile }) },
  );

/**
 * Histories of 1 to `maxMessages` messages.
 *
 * @param maxMessages The longest history.
 * @param withOwnColumn Whether every other user has a phone number.
 * @returns An arbitrary that shrinks to few messages.
 */
export function histories(maxMessages: number, withOwnColumn: boolean): fc.Arbitrary<History> {
  const phone = withOwnColumn ? fc.constantFrom("+1", "+2", null) : fc.constant(null);
  const draft = draftWith(profileWith(phone));
  return fc.record({
    deleteMode: fc.constantFrom<DeleteMode[]>("hard", "soft"),
    messages: fc.array(draft, { minLength: 1, maxLength: maxMessages, size: "max" }).map((drafts) =>
      drafts.map(complete)
    ),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  });
}

function complete(
  given: ReturnType<typeof draftWith> extends fc.Arbitrary<infer Draft> ? Draft : never,
  index: number,
): Message {
  // Clerk's clock in its answers' Date header has whole seconds, and no two readings of a user are one.
  if (given.kind === "fetched") {
    return { ...given, answeredAt: 1_000 * (1 + index % 3) + 10_000 * index, profile: versioned(given.profile) };
  }
  // Ids are compared byte by byte: capitals come before small letters.
  const id = `msg_${"zZaA09"[index % 6]}${index}`;
  if ("profile" in given) {
    // Without either time, only the time of the attempt is left, which is another each time.
    return { ...given, id, timestamp: given.timestamp ?? (given.profile.updatedAt === undefined ? 0 : undefined) };
  }
  return { ...given, id };
}

/** Clerk's Backend API always tells the version. */
function versioned(given: Profile): Profile {
  return { ...given, updatedAt: given.updatedAt ?? 0 };
}

/** One request: the messages it carries, and whether its work is lost. A lost one comes again later. */
export interface Delivery<M = Message> {
  messages: M[];
  lost: boolean;
}

/**
 * How a history is delivered: every message at least once, many twice, in any order, alone or in batches, some lost
 * at first.
 *
 * @param history The history.
 * @param largestBatch The most messages of one delivery.
 * @returns The deliveries, to be taken by whoever is free.
 */
export function deliveriesOf<M = Message>(
  { messages, seed }: { messages: M[]; seed: number },
  largestBatch: number,
): Array<Delivery<M>> {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pool = [...messages, ...messages.filter(() => random() < 0.4)];
  for (let index = pool.length - 1; index > 0; index--) {
    const other = below(index + 1);
    [pool[index], pool[other]] = [pool[other]!, pool[index]!];
  }
  const deliveries: Array<Delivery<M>> = [];
  while (pool.length > 0) {
    const size = random() < 0.5 ? 1 : 1 + below(largestBatch);
    const taken = pool.splice(0, size);
    const lost = random() < 0.1;
    deliveries.push({ messages: taken, lost });
    if (lost) pool.push(...taken);
  }
  return deliveries;
}

/** A small generator (mulberry32), so that a history replays. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
