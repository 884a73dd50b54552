/**
 * The project of `add` and `remove`: an argument, `--project`, or the nearest project upwards.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { openFolder, type ProjectFolder } from "../../project/adopted/folder.ts";
import { UsageError } from "../../project/errors.ts";
import type { Workplace } from "../command_context.ts";
import { projectOption } from "../project_option.ts";

/**
 * Adds the argument and the option to a command.
 *
 * @param command The command.
 * @returns The command.
 */
export function withProject(command: Command): Command {
  return command
    .argument("[folder]", "the project's folder, as with --project")
    .addOption(projectOption());
}

/**
 * Opens the project that a command names.
 *
 * @param workplace The bundle, and the search for a project.
 * @param argument The argument.
 * @param project The value of `--project`.
 * @returns The project; its name is the folder as given, or its path from the current folder.
 * @throws {UsageError} If both are given, the folder is not a project, or it is the bundle itself.
 * @throws {CommandError} If neither is given, and no folder upwards is a project.
 */
export async function openProject(
  { root, folder, findProject }: Workplace,
  argument: string | undefined,
  project: string | undefined,
): Promise<ProjectFolder> {
  if (argument !== undefined && project !== undefined) {
    throw new UsageError(`Cannot use both ${argument} and --project ${project}: name the project once`);
  }
  const given = argument ?? project;
  if (given !== undefined) return await openFolder(root, given);
  return await openFolder(root, relative(folder, fileURLToPath(await findProject())) || ".");
}
