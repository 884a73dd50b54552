/**
 * What can be made to go wrong while the simulator runs.
 *
 * @module
 */

/** The switches. They are off again when the simulator starts. */
export interface Switches {
  /** Whether Clerk is down: Backend API, signing keys and Frontend API. */
  outage: boolean;
  /** Milliseconds by which each webhook's first attempt is late. */
  delay: number;
}

/**
 * Makes switches.
 *
 * @returns Switches that are off.
 */
export function createSwitches(): Switches {
  return { outage: false, delay: 0 };
}
