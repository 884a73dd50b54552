/**
 * What is checked before anything is changed.
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

/** Variables that do another's work. */
const INSTEAD_OF: Record<string, string[]> = {
  CLERK_WEBHOOK_SECRET: ["CLERK_WEBHOOK_SIGNING_SECRET"],
  CLERK_PUBLISHABLE_KEY: ["CLERK_ISSUER"],
};

/** What is about to be deployed. */
export interface Candidate extends Pick<CommandContext, "fetch" | "now"> {
  root: URL;
  /** The functions of the bundle, in a project to which it was added. */
  bundle: readonly string[] | undefined;
  url: string;
  secrets: Secrets;
  /** The names of the secrets that the project has already. */
  names: readonly string[];
}

/**
 * Runs the doctor's checks that need no project, on what is about to be deployed: not on the shell's variables, and
 * not on the local stack's. Clerk is asked only for an issuer or an instance that is set by hand.
 *
 * @param candidate The project on this disk, its secrets, and the project's own.
 * @returns What was found.
 */
export function checkCandidate({ root, bundle, url, secrets, names, fetch, now }: Candidate): Promise<DoctorReport> {
  return diagnose({
    target: { url, local: false, env: (name) => secrets[name] },
    readProject: () => readProject(root),
    readMigrations: () => readMigrations(root),
    bundle,
    fetch,
    now,
    readOwnColumns: () => Promise.reject(new TypeError("No check of these runs the project's code")),
  }, {
    local: true,
    asksClerk: true,
    deployed: (name) => [name, ...INSTEAD_OF[name] ?? []].some((one) => names.includes(one)),
  });
}

/**
 * Lists what must be fixed.
 *
 * @param report What was found.
 * @param file Where the variables are read from.
 * @returns Two lines for each fault: what it is, and what to do.
 */
export function describeFaults({ checks }: DoctorReport, file: string): string[] {
  return checks.filter(({ status }) => status === "failed").flatMap(({ name, detail, fix }) => [
    `${name}: ${detail}`,
    `→ ${fix?.replace(WHERE_TO_SET, `in ${file}, which may begin as a copy of .env.example`)}`,
  ]);
}
