/**
 * Whether the functions of a project arrive whole, and nothing else of it, when they are deployed.
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
  /** The functions that had to be deployed. */
  names: string[];
  /** One line for each thing that is wrong; none where all is well. */
  findings: string[];
}

/**
 * Deploys a project's functions by the real CLI to a recorded API, and checks what was uploaded.
 *
 * @param folder The folder with `supabase/config.toml`, ending with a slash.
 * @returns What was found.
 */
export async function checkProject(folder: URL): Promise<ProjectCheck> {
  const names = [...(await readProject(folder)).functions.keys()];
  const [{ cli, functions }, runtime] = await Promise.all([deployRecorded(folder), openRuntime()]);
  return { names, findings: [...checkOutput(cli), ...await checkUpload(functions, names, runtime)] };
}

/** The CLI ends well when an imported file is missing, and just warns. */
function checkOutput({ code, stdout, stderr }: CliResult): string[] {
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  // Each function that imports a missing file has the same line.
  const warnings = new Set(lines.filter((line) => /\bWARN(ING)?\b/.test(line)));
  const said = [...warnings].map((line) => `The CLI says: ${line}`);
  if (code === 0) return said;
  const words = stderr.split("\n").filter((line) => line !== "" && !/^(npm|Uploading|Try rerunning) /.test(line));
  return [...said, `The CLI ends with ${code}: ${words.at(-1) ?? "it says nothing"}`];
}
