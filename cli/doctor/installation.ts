/**
 * The installation that the checks examine, and helpers that they share.
 *
 * @module
 */
import { commandLine } from "../../project/command_line.ts";
import type { Migration } from "../../project/migrations.ts";
import type { ProjectConfig } from "../../project/project.ts";
import { ApiError } from "../../supabase/functions/_clerk-supabase/errors.ts";
import type { CommandContext, Target } from "../command_context.ts";
import { shellName } from "../target.ts";
import type { OwnColumnNames } from "./own_columns.ts";

/** The project on this disk, and the deployed one. */
export interface Installation extends Pick<CommandContext, "fetch" | "now"> {
  target: Target;
  readProject: () => Promise<ProjectConfig>;
  readMigrations: () => Promise<Migration[]>;
  readOwnColumns: () => Promise<OwnColumnNames>;
  /** The functions of the bundle that the project should have; all unless given. */
  bundle?: readonly string[] | undefined;
  /** The session token to check, `--token`. */
  token?: string | undefined;
}

/** The value of a reader of `config.ts`, or the reason why there is none. */
export type Read<T> = { value: T; missing?: never } | { value?: never; missing: string };

/**
 * Reads variables for a check that cannot run without them.
 *
 * @param read A reader of `config.ts`.
 * @returns Its value, or a reason to skip the check, which names the variable.
 */
export function tryRead<T>(read: () => T): Read<T> {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const state = error.code === "CONFIG_MISSING" ? "not set" : "malformed";
    return { missing: `${shellName(error.variable)} is ${state}` };
  }
}

/**
 * Returns the fix for a project that does not answer.
 *
 * @param target The project.
 * @returns The advice.
 */
export function fixForSilence({ local }: Target): string {
  if (local) return `Start the local stack: ${commandLine("dev")}. For a hosted project, set SUPABASE_URL`;
  return "Compare SUPABASE_URL with the project's URL, and check that the project is not paused";
}
