/**
 * Finds functions of the bundle whose callers the platform's gateway would refuse. It accepts only Supabase's own
 * tokens, so it answers Clerk's webhooks and tokens with 401 unless a function has `verify_jwt = false`.
 *
 * @module
 */
import { commandLine } from "../command_line.ts";
import type { ProjectConfig } from "../project.ts";

/** A fault of the configuration, and how to fix it. */
export interface GatewayFault {
  fault: string;
  fix: string;
}

/** The function that Clerk calls. */
const WEBHOOK = "clerk-webhook";

/**
 * Checks `verify_jwt` of the bundle's functions in a project.
 *
 * @param config The content of `supabase/config.toml`.
 * @param bundle The bundle's functions in this project.
 * @param canRestore Whether `add --restore` can write the settings again, as in a project to which `add` has added
 *   them.
 * @returns The fault; undefined if every function has `verify_jwt = false`.
 */
export function findGatewayFault(
  { functions }: Pick<ProjectConfig, "functions">,
  bundle: readonly string[],
  canRestore: boolean,
): GatewayFault | undefined {
  const names = [...functions.values()].filter(({ name, verifyJwt }) => verifyJwt && bundle.includes(name))
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  const calls = names.includes(WEBHOOK) ? "every webhook of Clerk and every call with a Clerk token" : "their callers";
  const sections = names.map((name) => `[functions.${name}] verify_jwt = false`).join(", ");
  return {
    fault: `verify_jwt is on for ${names.join(", ")}: the platform answers ${calls} with 401`,
    fix: `In supabase/config.toml: ${sections}${canRestore ? `; or run ${RESTORE}` : ""}; then deploy`,
  };
}

const RESTORE = commandLine("add <folder> --restore");
