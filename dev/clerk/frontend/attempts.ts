/**
 * Unfinished sign-ins and sign-ups. Each browser has at most one of each. They contain passwords and codes, so they are
 * kept in memory only and end with the simulator.
 *
 * @module
 */
import type { ClerkClient } from "../state.ts";
import type { UserInput } from "../users.ts";
import type { Verification } from "./verifications.ts";

/** An unfinished sign-in. */
export interface SignIn {
  id: string;
  status: "needs_identifier" | "needs_first_factor" | "needs_new_password" | "complete";
  identifier: string | null;
  userId: string | null;
  verification?: Verification;
  sessionId: string | null;
}

/** An unfinished sign-up. */
export interface SignUp {
  id: string;
  status: "missing_requirements" | "complete";
  /** The fields given so far. */
  input: UserInput;
  address: string | null;
  verification?: Verification;
  userId: string | null;
  sessionId: string | null;
}

/** The unfinished attempts of a browser. */
export interface Attempts {
  signIn?: SignIn;
  signUp?: SignUp;
  /** Verifications of addresses and numbers that the user adds, by their ids. */
  contacts: Map<string, Verification>;
}

/** Returns the attempts of a browser. The caller may change them in place. */
export type FindAttempts = (client: ClerkClient) => Attempts;

/**
 * Creates the in-memory store of attempts.
 *
 * @returns A function that returns the attempts of a browser.
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
