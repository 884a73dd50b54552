/**
 * What is examined, and with what.
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

/** The project on this disk, and the one that is deployed. */
export interface Installation extends Pick<CommandContext, "fetch" | "now"> {
  target: Target;
  readProject: () => Promise<ProjectConfig>;
  readMigrations: () => Promise<Migration[]>;
  readOwnColumns: () => Promise<OwnColumnNames>;
  /** The functions of the bundle that are meant to be there; all unless given. */
  bundle?: readonly string[] | undefined;
  /** A session token to try, `--token`. */
  token?: string | undefined;
}

/** What a reader of `config.ts` gives, or why it gives nothing. */
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
 * What to do about a project that does not answer.
 *
 * @param target The project.
 * @returns The advice.
 */
export function fixForSilence({ local }: Target): string {
  if (local) return `Start the local stack: ${commandLine("dev")}. For a hosted project, set SUPABASE_URL`;
  return "Compare SUPABASE_URL with the project's URL, and look whether the project is paused";
}
