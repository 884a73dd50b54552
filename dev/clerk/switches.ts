/**
 * What can be made to go wrong while the simulator runs, and what differs between Clerk's instances.
 *
 * @module
 */

/** The switches. They are as {@linkcode createSwitches} has them when the simulator starts. */
export interface Switches {
  /** Whether Clerk is down: Backend API, signing keys and Frontend API. */
  outage: boolean;
  /** Milliseconds by which each webhook's first attempt is late. */
  delay: number;
  /** Whether the instance has organizations. */
  organizations: boolean;
  /**
   * Whether `organizationMembership.deleted` goes out for each membership that goes with its user or organization.
   * Nobody has documented what Clerk does, so nothing may depend on these webhooks: by default there are none.
   */
  cascades: boolean;
  /** Which claims a session token has: 2, or 1 as instances made before April 2025 may have it. */
  tokenVersion: 1 | 2;
  /** Whether a sign-up waits for the code that was sent to its address. Without, an address counts as verified. */
  verifyAtSignUp: boolean;
}

/**
 * Makes switches.
 *
 * @returns Switches as a new instance of Clerk has them, except that sign-ups need no code.
 */
export function createSwitches(): Switches {
  return { outage: false, delay: 0, organizations: true, cascades: false, tokenVersion: 2, verifyAtSignUp: false };
}
