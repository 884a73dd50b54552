/**
 * Switches for simulated faults and for settings that differ between Clerk instances.
 *
 * @module
 */

/** The switches. {@linkcode createSwitches} has their initial values. */
export interface Switches {
  /** Whether Clerk is down: the Backend API, the signing keys and the Frontend API. */
  outage: boolean;
  /** Milliseconds by which the first attempt of each webhook is delayed. */
  delayMs: number;
  /** Whether the instance has organizations. */
  organizations: boolean;
  /**
   * Whether deleting a user or an organization sends `organizationMembership.deleted` for each of its memberships.
   * Clerk does not document this, so nothing may depend on these webhooks. They are off by default.
   */
  cascades: boolean;
  /** The version of a session token's claims: 2, or 1 as in some instances created before April 2025. */
  tokenVersion: 1 | 2;
  /** Whether a sign-up waits for the code sent to its address. If false, the address counts as verified. */
  verifyAtSignUp: boolean;
}

/**
 * Returns the initial switches.
 *
 * @returns The settings of a new Clerk instance, except that sign-ups do not need a code.
 */
export function createSwitches(): Switches {
  return { outage: false, delayMs: 0, organizations: true, cascades: false, tokenVersion: 2, verifyAtSignUp: false };
}
