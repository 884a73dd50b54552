/**
 * Checks the bundles of this project's functions in the same way as their sources.
 *
 * @module
 */
import { bundleFunctions } from "../../project/bundles/bundle.ts";
import { ROOT } from "../../project/root.ts";
import { readProject } from "../../project/project.ts";
import { configArguments } from "../../project/jsr/config.ts";
import { checkProject, type ProjectCheck } from "./check_project.ts";

/** Bundles every function, and checks the folder of the bundles as a project. */
export async function checkBundles(): Promise<ProjectCheck> {
  // Below this project, as in a deployment, so that git and Deno find the same files further up.
  const into = new URL(`.cache/bundles-${crypto.randomUUID()}/`, ROOT);
  try {
    const { workdir } = await bundleFunctions({ project: await readProject(), config: await configArguments(), into });
    return await checkProject(workdir);
  } finally {
    await Deno.remove(into, { recursive: true });
  }
}
