/**
 * Chooses between the installed Supabase CLI and the one from npm.
 *
 * @module
 */
import { CLI_VERSION, runCommand, runFromNpm, type RunSupabase } from "../../project/supabase_cli.ts";

/**
 * Returns a runner of the installed CLI, or of the one from npm if the major version differs, because flags differ too.
 *
 * @returns The runner, which looks for the CLI on its first use.
 */
export function findSupabase(): RunSupabase {
  let found: Promise<RunSupabase> | undefined;
  return async (place, args) => await (await (found ??= choose()))(place, args);
}

async function choose(): Promise<RunSupabase> {
  const [major] = CLI_VERSION.split(".");
  try {
    const { stdout } = await runCommand("supabase", { folder: "." }, ["--version"]);
    if (!stdout.trim().startsWith(`${major}.`)) return runFromNpm;
    return (place, args) => runCommand("supabase", place, args);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return runFromNpm;
    throw error;
  }
}
