/**
 * Which Clerk the functions talk to: the simulator, or the instance of the project's env files.
 *
 * @module
 */

/** Variables that say which Clerk instance this is. They must come from one place, or they contradict each other. */
const IDENTITY = [
  ...["CLERK_PUBLISHABLE_KEY", "CLERK_SECRET_KEY", "CLERK_WEBHOOK_SECRET", "CLERK_WEBHOOK_SIGNING_SECRET"],
  ...["CLERK_INSTANCE_ID", "CLERK_JWT_KEY", "CLERK_ISSUER", "CLERK_JWKS_URL", "CLERK_API_URL"],
];

/** Whose Clerk the functions talk to, and what to tell people about it. */
export interface ClerkChoice {
  variables: Record<string, string>;
  real: boolean;
  /** Names in `.env` that are not used. */
  ignored: string[];
}

/**
 * Chooses between the simulator and a real Clerk instance: the files' own where they have a publishable key.
 *
 * @param given What the files say.
 * @param simulator What the simulator says.
 * @returns The functions' variables, those of the files that are about something else included.
 */
export function chooseClerk(given: Record<string, string>, simulator: Record<string, string>): ClerkChoice {
  if (given.CLERK_PUBLISHABLE_KEY !== undefined) return { variables: given, real: true, ignored: [] };
  const ignored = IDENTITY.filter((name) => name in given);
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !IDENTITY.includes(name)));
  return { variables: { ...rest, ...simulator }, real: false, ignored };
}
