/**
 * Sign-ins and sign-ups that have begun. Each browser has at most one of each. They are kept in memory only, since they
 * hold passwords and codes, and end with the simulator.
 *
 * @module
 */
import type { ClerkClient } from "../state.ts";
import type { UserInput } from "../users.ts";
import type { Verification } from "./verifications.ts";

/** A sign-in. */
export interface SignIn {
  id: string;
  status: "needs_identifier" | "needs_first_factor" | "needs_new_password" | "complete";
  identifier: string | null;
  userId: string | null;
  verification?: Verification;
  sessionId: string | null;
}

/** A sign-up. */
export interface SignUp {
  id: string;
  status: "missing_requirements" | "complete";
  /** What was given so far. */
  input: UserInput;
  address: string | null;
  verification?: Verification;
  userId: string | null;
  sessionId: string | null;
}

/** What a browser has begun. */
export interface Attempts {
  signIn?: SignIn;
  signUp?: SignUp;
  /** Of addresses and numbers that the user adds, by their ids. */
  contacts: Map<string, Verification>;
}

/** Returns what a browser has begun; changes to it are kept. */
export type FindAttempts = (client: ClerkClient) => Attempts;

/**
 * Makes the memory of attempts.
 *
 * @returns Its reader.
 */
export function createAttempts(): FindAttempts {
  const attempts = new WeakMap<ClerkClient, Attempts>();
  return (client) => {
    const known = attempts.get(client);
    if (known) return known;
    const begun: Attempts = { contacts: new Map() };
    attempts.set(client, begun);
    return begun;
  };
}
