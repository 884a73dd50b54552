/**
 * Refuses symbolic links in a project's own paths: a downloaded project could use one to make a command write outside
 * of the project.
 *
 * @module
 */
import { CommandError } from "./errors.ts";

/**
 * Requires that no part of a path, from the project's folder down, and no file below it is a symbolic link.
 *
 * @param root The project's folder, which itself may be a link.
 * @param path A path in it; it may not exist yet.
 * @throws {CommandError} If there is a link; the message names it.
 */
export async function requireNoLinks(root: URL, path: string): Promise<void> {
  const parts = path.split("/").filter((part) => part !== "");
  for (const [index] of parts.entries()) {
    const one = parts.slice(0, index + 1).join("/");
    const info = await lstat(new URL(one, root));
    if (!info) return;
    if (info.isSymlink) refuse(one);
    if (!info.isDirectory) return;
  }
  await requireNoneBelow(root, parts.join("/"));
}

async function requireNoneBelow(root: URL, folder: string): Promise<void> {
  for (const { name, isSymlink, isDirectory } of await list(new URL(`${folder}/`, root))) {
    const one = `${folder}/${encodeURIComponent(name)}`;
    if (isSymlink) refuse(one);
    if (isDirectory) await requireNoneBelow(root, one);
  }
}

/** Lists a folder; nothing if a running stack has just removed it. */
async function list(folder: URL): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function refuse(path: string): never {
  throw new CommandError(
    `Cannot use ${decodeURIComponent(path)}: it is a symbolic link, which may lead out of the project. Remove it`,
  );
}

/**
 * Returns what is at a path, without following a link.
 *
 * @param file The path.
 * @returns Its information; undefined if nothing is there.
 */
export async function lstat(file: URL): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
