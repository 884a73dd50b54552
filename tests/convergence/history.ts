/**
 * Random histories: events at Clerk, and the deliveries of their messages.
 *
 * Times come from ranges so small that ties are frequent: two messages of one user with the same `updated_at`, the
 * same `timestamp` or both, and claims of different users with the same version.
 *
 * @module
 */
import fc from "fast-check";
import type { DeleteMode } from "../../supabase/functions/_clerk-supabase/config.ts";

/** The zero of histories' times, in milliseconds. */
export const EPOCH = 1_744_276_393_000;

/** The stored fields of a Clerk user, and one field that is not stored. */
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
  /** A field that Clerk sends and the bundle does not store. */
  lastActiveAt: number;
}

/** A webhook message, or a user that reconcile fetched. Fetched users have no message id. */
export type Message =
  | { kind: "created" | "updated"; id: string; timestamp: number | undefined; profile: Profile }
  | { kind: "deleted"; id: string; timestamp: number; user: string }
  | { kind: "signed in"; id: string; timestamp: number; user: string; at: number }
  | { kind: "fetched"; answeredAt: number; profile: Profile };

/** A history. Its seed determines its delivery. */
export interface History {
  deleteMode: DeleteMode;
  messages: Message[];
  seed: number;
}

const ADDRESSES = ["a@x.com", "A@X.com", "b@x.com", "c@x.com", "C@x.com", "d@x.com"];

const small = fc.integer({ min: 0, max: 4 });
const user = fc.integer({ min: 0, max: 29 }).map((number) => `user_${number}`);
/** Most histories have few users, so that a user has many messages. */
const fewUsers = fc.oneof({ weight: 3, arbitrary: fc.constantFrom("user_0", "user_1", "user_2") }, {
  weight: 2,
  arbitrary: user,
});

/** Every other user has an own column, so that histories mix changes with and without own columns. */
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

/** A message without its id. Ids must be unique, so the position determines them. */
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
 * Generates histories of 1 to `maxMessages` messages.
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
  // Clerk's clock in the Date header has whole seconds, and no two readings of a user are the same.
  if (given.kind === "fetched") {
    return { ...given, answeredAt: 1_000 * (1 + index % 3) + 10_000 * index, profile: versioned(given.profile) };
  }
  // Ids are compared byte by byte: capitals sort before small letters.
  const id = `msg_${"zZaA09"[index % 6]}${index}`;
  if ("profile" in given) {
    // Without either time, only the time of the attempt remains, which differs between attempts.
    return { ...given, id, timestamp: given.timestamp ?? (given.profile.updatedAt === undefined ? 0 : undefined) };
  }
  return { ...given, id };
}

/** Clerk's Backend API always includes the version. */
function versioned(given: Profile): Profile {
  return { ...given, updatedAt: given.updatedAt ?? 0 };
}

/** One request: its messages, and whether its work is lost. A lost request is delivered again later. */
export interface Delivery<M = Message> {
  messages: M[];
  lost: boolean;
}

/**
 * Returns the deliveries of a history: every message at least once, many twice, in any order, alone or in batches,
 * some lost at first.
 *
 * @param history The history.
 * @param largestBatch The maximum number of messages of one delivery.
 * @returns The deliveries, for any free worker.
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

/** A small random generator (mulberry32), so that a history can be replayed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
