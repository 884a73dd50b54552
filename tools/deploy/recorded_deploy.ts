/**
 * `supabase functions deploy --use-api` by the real CLI, which uploads to the recorded management API.
 *
 * @module
 */
import { type CliResult, runSupabase } from "../../project/supabase_cli.ts";
import type { DeployedFunction } from "./function_routes.ts";
import { PROJECT_REF, startManagementApi } from "./management_api.ts";

/** What the CLI said, and what it uploaded. */
export interface RecordedDeploy {
  cli: CliResult;
  functions: Map<string, DeployedFunction>;
}

/**
 * Deploys every function of a project.
 *
 * @param folder The folder with `supabase/config.toml`.
 * @returns What came of it, also where the CLI failed.
 */
export async function deployRecorded(folder: URL): Promise<RecordedDeploy> {
  // Else the CLI would write into the folder that it is linked to a project which nobody has.
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
