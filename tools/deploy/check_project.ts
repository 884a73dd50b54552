/**
 * Checks that a deployment uploads every file that a project's functions need, and no others.
 *
 * @module
 */
import { readProject } from "../../project/project.ts";
import type { CliResult } from "../../project/supabase_cli.ts";
import { checkUpload } from "./check_upload.ts";
import { deployRecorded } from "./recorded_deploy.ts";
import { openRuntime } from "./runtime.ts";

/** The result of a check. */
export interface ProjectCheck {
  /** The functions that the deployment should have uploaded. */
  names: string[];
  /** One line for each fault. */
  findings: string[];
}

/**
 * Deploys a project's functions with the real CLI to a recorded API, and checks the uploads.
 *
 * @param folder The folder with `supabase/config.toml`, ending with a slash.
 * @returns The result.
 */
export async function checkProject(folder: URL): Promise<ProjectCheck> {
  const names = [...(await readProject(folder)).functions.keys()];
  const [{ cli, functions }, runtime] = await Promise.all([deployRecorded(folder), openRuntime()]);
  return { names, findings: [...checkOutput(cli), ...await checkUpload(functions, names, runtime)] };
}

/** Returns the CLI's warnings and failure. If an imported file is missing, the CLI warns and exits with 0. */
function checkOutput({ code, stdout, stderr }: CliResult): string[] {
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  // Several functions may import the same missing file.
  const warnings = new Set(lines.filter((line) => /\bWARN(ING)?\b/.test(line)));
  const said = [...warnings].map((line) => `The CLI says: ${line}`);
  if (code === 0) return said;
  const words = stderr.split("\n").filter((line) => line !== "" && !/^(npm|Uploading|Try rerunning) /.test(line));
  return [...said, `The CLI ends with ${code}: ${words.at(-1) ?? "it prints no reason"}`];
}
