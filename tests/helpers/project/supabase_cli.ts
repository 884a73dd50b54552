/**
 * Runs the real Supabase CLI in this project.
 *
 * @module
 */
import { type CliResult, runSupabase } from "../../../project/supabase_cli.ts";

/** Runs one command of the CLI and returns its output. */
export function supabase(...args: string[]): Promise<CliResult> {
  return runSupabase({ folder: new URL("../../../", import.meta.url) }, args);
}
