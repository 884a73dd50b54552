/**
 * The checks before anything is changed.
 *
 * @module
 */
import { readMigrations } from "../../project/migrations.ts";
import { readProject } from "../../project/project.ts";
import { diagnose } from "../doctor/diagnose.ts";
import type { DoctorReport } from "../doctor/report.ts";
import { WHERE_TO_SET } from "../doctor/variables.ts";
import type { CommandContext } from "../command_context.ts";
import type { Secrets } from "./secrets.ts";

/** Variables that can replace another one. */
const INSTEAD_OF: Record<string, string[]> = {
  CLERK_WEBHOOK_SECRET: ["CLERK_WEBHOOK_SIGNING_SECRET"],
  CLERK_PUBLISHABLE_KEY: ["CLERK_ISSUER"],
};

/** The project and secrets that are about to be deployed. */
export interface Candidate extends Pick<CommandContext, "fetch" | "now"> {
  root: URL;
  /** The bundle's functions in this project; undefined in a copy of the repository. */
  bundle: readonly string[] | undefined;
  url: string;
  secrets: Secrets;
  /** The names of the secrets that are already set in the project. */
  names: readonly string[];
}

/**
 * Runs the doctor's checks that need no project, on the secrets to deploy instead of the variables of the shell or the
 * local stack. It calls Clerk only if CLERK_ISSUER or CLERK_INSTANCE_ID is set.
 *
 * @param candidate The project on this disk, its secrets, and the names of the deployed ones.
 * @returns The doctor's report.
 */
export function checkCandidate({ root, bundle, url, secrets, names, fetch, now }: Candidate): Promise<DoctorReport> {
  return diagnose({
    target: { url, local: false, env: (name) => secrets[name] },
    readProject: () => readProject(root),
    readMigrations: () => readMigrations(root),
    bundle,
    fetch,
    now,
    readOwnColumns: () => Promise.reject(new TypeError("None of these checks runs the project's code")),
  }, {
    local: true,
    asksClerk: true,
    deployed: (name) => [name, ...INSTEAD_OF[name] ?? []].some((one) => names.includes(one)),
  });
}

/**
 * Lists the failed checks.
 *
 * @param report The doctor's report.
 * @param file The file of the variables.
 * @returns Two lines for each fault: the fault, and its fix.
 */
export function describeFaults({ checks }: DoctorReport, file: string): string[] {
  return checks.filter(({ status }) => status === "failed").flatMap(({ name, detail, fix }) => [
    `${name}: ${detail}`,
    `→ ${fix?.replace(WHERE_TO_SET, `in ${file} (you can start with a copy of .env.example)`)}`,
  ]);
}
