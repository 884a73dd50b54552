/**
 * Chooses the Clerk that the functions talk to: the simulator, or the instance in the project's `.env` files.
 *
 * @module
 */

/**
 * Variables that identify a Clerk instance. They must all come from one source, or they would contradict each other.
 */
const IDENTITY = [
  ...["CLERK_PUBLISHABLE_KEY", "CLERK_SECRET_KEY", "CLERK_WEBHOOK_SECRET", "CLERK_WEBHOOK_SIGNING_SECRET"],
  ...["CLERK_INSTANCE_ID", "CLERK_JWT_KEY", "CLERK_ISSUER", "CLERK_JWKS_URL", "CLERK_API_URL"],
];

/** The Clerk that the functions talk to, and what `dev` prints about it. */
export interface ClerkChoice {
  variables: Record<string, string>;
  real: boolean;
  /** Variables of `.env` that are ignored. */
  ignored: string[];
}

/**
 * Chooses the real Clerk instance if the `.env` files have a publishable key, else the simulator.
 *
 * @param given The variables of the files.
 * @param simulator The variables of the simulator.
 * @returns The functions' variables, including those of the files that do not concern Clerk's identity.
 */
export function chooseClerk(given: Record<string, string>, simulator: Record<string, string>): ClerkChoice {
  if (given.CLERK_PUBLISHABLE_KEY !== undefined) return { variables: given, real: true, ignored: [] };
  const ignored = IDENTITY.filter((name) => name in given);
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !IDENTITY.includes(name)));
  return { variables: { ...rest, ...simulator }, real: false, ignored };
}
