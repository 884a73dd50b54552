/**
 * The Supabase CLI that people have, or the one from npm.
 *
 * @module
 */
import { CLI_VERSION, runCommand, runFromNpm, type RunSupabase } from "../../project/supabase_cli.ts";

/**
 * Makes a runner of the CLI that is installed, where its major version is ours: older ones have other flags.
 *
 * @returns The runner, which looks for the CLI when it is first used.
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
