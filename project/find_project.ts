/**
 * Finds the project that a command works on, and the folder for generated files of that project.
 *
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CommandError, UsageError } from "./errors.ts";
import { requireNoLinks } from "./no_links.ts";
import { IS_INSTALLED, ROOT } from "./root.ts";

/** The file that identifies a project, as for the Supabase CLI. */
const CONFIG = "supabase/config.toml";

/**
 * Finds the project: the given folder, or else the nearest one upwards that is a project.
 *
 * @param given The value of `--project`; a relative path is resolved from the current folder.
 * @param from The current folder.
 * @returns The project's folder.
 * @throws {UsageError} If the given folder is not a project.
 * @throws {CommandError} If no folder is given, and no folder upwards is a project.
 */
export async function findProject(given?: string, from: string = Deno.cwd()): Promise<URL> {
  if (given !== undefined) {
    const folder = resolve(from, given);
    if (given !== "" && await isProject(folder)) return urlOf(folder);
    const isInside = basename(folder) === "supabase" &&
      await isProject(dirname(folder));
    const hint = isInside ? `did you mean ${dirname(given)}?` : "supabase init makes one";
    throw new UsageError(`Cannot find a project in ${given}: there is no ${CONFIG}; ${hint}`);
  }
  for (let folder = resolve(from);; folder = dirname(folder)) {
    if (await isProject(folder)) return urlOf(folder);
    if (folder === dirname(folder)) break;
  }
  throw new CommandError(
    `Cannot find a project: neither this folder nor one above it has ${CONFIG}. Go to your project, name it with ` +
      "--project, or make one with supabase init",
  );
}

async function isProject(folder: string): Promise<boolean> {
  const found = await Deno.stat(resolve(folder, CONFIG)).catch(() => undefined);
  return found?.isFile ?? false;
}

function urlOf(folder: string): URL {
  return pathToFileURL(`${folder}/`);
}

/** Returns whether the project is the bundle's own repository. An installed package is never a project. */
export function isRepository(project: URL): boolean {
  return !IS_INSTALLED && fileURLToPath(project) === fileURLToPath(ROOT);
}

/**
 * Returns the folder for generated files: bundles, configurations of functions, the running stack.
 *
 * @param project The project's folder.
 * @returns `.cache/` of the repository; for any other project, a folder that the Supabase CLI ignores.
 */
export function stateFolder(project: URL): URL {
  return new URL(isRepository(project) ? ".cache/" : STATE, project);
}

const STATE = "supabase/.temp/clerk-supabase/";

/**
 * Creates the folder of `stateFolder()`, with its own `.gitignore`.
 *
 * @param project The project's folder.
 * @returns The folder.
 * @throws {CommandError} If a symbolic link leads out of it, because commands write, and remove, files there.
 */
export async function makeStateFolder(project: URL): Promise<URL> {
  const folder = stateFolder(project);
  if (!isRepository(project)) await requireNoLinks(project, STATE);
  await Deno.mkdir(folder, { recursive: true });
  if (!isRepository(project)) await Deno.writeTextFile(new URL(".gitignore", folder), "*\n");
  return folder;
}
