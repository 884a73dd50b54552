/**
 * The real Supabase CLI, in this project.
 *
 * @module
 */
import { type CliResult, runSupabase } from "../../../project/supabase_cli.ts";

/** Runs a command of the CLI. */
export function supabase(...args: string[]): Promise<CliResult> {
  return runSupabase({ folder: new URL("../../../", import.meta.url) }, args);
}
