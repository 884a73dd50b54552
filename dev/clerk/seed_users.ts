/**
 * Adds many users to the simulator without sending webhooks.
 *
 * @module
 */
import { createId } from "./keys.ts";
import type { State } from "./state.ts";
import { createUser, type User } from "./users.ts";

const FIRST_NAMES = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Zoë", "Łukasz", "Ana María", "李", "Tim"];
const LAST_NAMES = [
  "Lovelace",
  "Hopper",
  "Turing",
  "Dijkstra",
  "Liskov",
  "O'Neil",
  "Nowak",
  "García",
  "明",
  "Berners-Lee",
];
const PLANS = ["free", "free", "free", "team", "enterprise"];
const LOCALES = ["en", "de", "ja"];

const MINUTE_MS = 60_000;

/** Options of seeding. */
export interface SeedOptions {
  /** When the first user signed up, in milliseconds (default: the start of 2025). */
  startAt?: number;
  /** Milliseconds between users (default: five minutes, so 100,000 users sign up within a year). */
  interval?: number;
  /** The first user's number. To seed again, continue with the number after the last one. */
  first?: number;
}

/**
 * Adds users, the same ones for the same arguments. Every tenth user signs up in the same millisecond as the one
 * before, as imported users do.
 *
 * @param state The simulator's state.
 * @param count The number of users.
 * @param options Times and the first user's number.
 * @returns The users in the order of their sign-up.
 */
export function seedUsers(
  { users }: State,
  count: number,
  { startAt = Date.UTC(2025, 0), interval = 5 * MINUTE_MS, first = 0 }: SeedOptions = {},
): User[] {
  const seeded = Array.from({ length: count }, (_, index) => {
    const slot = index % 10 === 9 ? index - 1 : index;
    return seededUser(first + index, startAt + slot * interval);
  });
  users.setAll(seeded);
  return seeded;
}

function seededUser(number: number, createdAt: number): User {
  const draw = createDraw(number);
  const user = createUser(
    {
      email_address: [`user${number}@example.com`],
      first_name: draw(10) === 0 ? null : FIRST_NAMES[draw(FIRST_NAMES.length)]!,
      last_name: draw(10) === 0 ? null : LAST_NAMES[draw(LAST_NAMES.length)]!,
      username: draw(2) === 0 ? null : `user_${number}`,
      public_metadata: { plan: PLANS[draw(PLANS.length)]!, locale: LOCALES[draw(LOCALES.length)]! },
    },
    createdAt,
    (prefix, now) => createId(prefix, now, Array.from({ length: 20 }, () => ALPHABET[draw(62)]).join("")),
  );
  // A quarter never came back; the others did within a week, and half of those changed something on that visit.
  if (draw(4) > 0) user.last_sign_in_at = createdAt + draw(7 * 24 * 60) * MINUTE_MS;
  if (user.last_sign_in_at !== null && draw(2) === 0) user.updated_at = user.last_sign_in_at + draw(MINUTE_MS);
  return user;
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Returns a generator of pseudo-random numbers below a bound, which depends only on the seed (mulberry32). */
function createDraw(seed: number): (bound: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) % bound;
  };
}
