/**
 * Runs `supabase functions deploy --use-api` of the real CLI against the recorded management API.
 *
 * @module
 */
import { type CliResult, runSupabase } from "../../project/supabase_cli.ts";
import type { DeployedFunction } from "./function_routes.ts";
import { PROJECT_REF, startManagementApi } from "./management_api.ts";

/** The CLI's output, and its uploads. */
export interface RecordedDeploy {
  cli: CliResult;
  functions: Map<string, DeployedFunction>;
}

/**
 * Deploys every function of a project.
 *
 * @param folder The folder with `supabase/config.toml`.
 * @returns The result, even if the CLI failed.
 */
export async function deployRecorded(folder: URL): Promise<RecordedDeploy> {
  // Otherwise the CLI would store a link to a project that does not exist in the folder.
  const api = startManagementApi({ unseen: true });
  const profile = await Deno.makeTempFile({ prefix: "profile-", suffix: ".yaml" });
  try {
    await Deno.writeTextFile(profile, api.profile);
    const args = ["functions", "deploy", "--use-api", `--remote=${PROJECT_REF}`, "--profile", profile, "--yes"];
    const cli = await runSupabase({ folder, env: { SUPABASE_ACCESS_TOKEN: api.accessToken } }, args);
    return { cli, functions: api.functions() };
  } finally {
    await api.close();
    await Deno.remove(profile);
  }
}
