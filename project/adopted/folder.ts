/**
 * The adopter's project on disk. A path names a whole file, or with `#clerk-supabase` at its end the bundle's block.
 *
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CommandError, UsageError } from "../errors.ts";
import { keepBlock, putBlock, readBlock, takeBlock, unixText } from "./block.ts";
import { lstat } from "../no_links.ts";
import { readIfThere } from "../read_if_there.ts";

const BLOCK = "#clerk-supabase";

/** The adopter's own files that contain a block. */
export const SHARED_FILES = {
  config: "supabase/config.toml",
  example: "supabase/functions/.env.example",
  ignored: "supabase/functions/.gitignore",
} as const;

/** The adopter's variables. */
export const SECRETS = "supabase/functions/.env";

/**
 * Returns the path of the bundle's block in a file.
 *
 * @param path The file.
 * @returns The block's path.
 */
export function blockOf(path: string): string {
  return path + BLOCK;
}

/**
 * Returns whether a path names a block.
 *
 * @param path The path.
 * @returns Whether it is a block.
 */
export function isBlock(path: string): boolean {
  return path.endsWith(BLOCK);
}

/**
 * Returns the file of a path.
 *
 * @param path The path of a file or a block.
 * @returns The path without the suffix of a block.
 */
export function fileOf(path: string): string {
  return isBlock(path) ? path.slice(0, -BLOCK.length) : path;
}

/** A project's folder. */
export interface ProjectFolder {
  root: URL;
  /** The folder as the user gave it. */
  name: string;
  /** Reads a file or a block, with line feeds as line ends; undefined if it does not exist. */
  read: (path: string) => Promise<string | undefined>;
  /** Returns whether a file exists; it may be a link to a file. */
  has: (path: string) => Promise<boolean>;
  write: (path: string, text: string) => Promise<void>;
  /** Removes a file and the folders that become empty, or a block and the file if it becomes empty. */
  remove: (path: string) => Promise<void>;
  /** Removes the marks of a block, so that its lines belong to the adopter. */
  keep: (block: string) => Promise<void>;
}

/**
 * Opens a project's folder.
 *
 * @param bundle The bundle's repository.
 * @param given The folder; a relative path counts from the current one.
 * @returns The project.
 * @throws {UsageError} If there is no Supabase project, or it is the bundle itself.
 */
export async function openFolder(bundle: URL, given: string): Promise<ProjectFolder> {
  const path = resolve(given);
  const root = pathToFileURL(`${path}/`);
  if ((await lstat(pathToFileURL(path)))?.isFile) {
    throw new UsageError(`Cannot use ${given}: it is a file, not a folder`);
  }
  if (await read(root, SHARED_FILES.config) === undefined) {
    const isInside = basename(path) === "supabase" && await lstat(new URL("config.toml", root)) !== undefined;
    const hint = isInside ? `did you mean ${dirname(given)}?` : "supabase init makes one";
    throw new UsageError(`Cannot find a project in ${given}: there is no ${SHARED_FILES.config}; ${hint}`);
  }
  if (await Deno.realPath(path) === await Deno.realPath(bundle)) {
    throw new UsageError(
      `Cannot use ${given}: it is the bundle itself; name your own project's folder, such as ../my-app`,
    );
  }
  return {
    root,
    name: given,
    read: (one) => read(root, one),
    has: async (one) => await lstat(new URL(one, root)) !== undefined,
    write: (one, text) => write(root, one, text),
    remove: (one) => remove(root, one),
    keep: (one) => keep(root, one),
  };
}

async function locate(root: URL, path: string): Promise<URL> {
  const file = fileOf(path);
  const parts = file.split("/");
  for (const [index] of parts.entries()) {
    const one = parts.slice(0, index + 1).join("/");
    const info = await lstat(new URL(one, root));
    if (!info) break;
    const fault = faultOf(info, one === file);
    if (fault) throw new CommandError(`Cannot use ${one}: it is ${fault}`);
  }
  return new URL(file, root);
}

function faultOf({ isSymlink, isDirectory }: Deno.FileInfo, isLast: boolean): string | undefined {
  // Following it could change files outside of the project.
  if (isSymlink) return "a symbolic link, which may lead out of the project";
  if (isDirectory !== isLast) return undefined;
  return isLast ? "a folder, and a file belongs there" : "a file, and a folder belongs there";
}

async function read(root: URL, path: string): Promise<string | undefined> {
  const text = await readIfThere(await locate(root, path));
  if (text === undefined) return undefined;
  return isBlock(path) ? readBlock(text, fileOf(path)) : unixText(text);
}

async function write(root: URL, path: string, text: string): Promise<void> {
  const file = await locate(root, path);
  await Deno.mkdir(new URL(".", file), { recursive: true });
  const whole = isBlock(path) ? putBlock(await readIfThere(file) ?? "", text, fileOf(path)) : text;
  await Deno.writeTextFile(file, whole);
}

async function remove(root: URL, path: string): Promise<void> {
  const file = await locate(root, path);
  const rest = isBlock(path) ? takeBlock(await readIfThere(file) ?? "", fileOf(path)) : "";
  if (rest !== "") return await Deno.writeTextFile(file, rest);
  await Deno.remove(file);
  await removeEmpty(new URL(".", file), root);
}

async function keep(root: URL, block: string): Promise<void> {
  const file = await locate(root, block);
  const text = await readIfThere(file);
  if (text !== undefined) await Deno.writeTextFile(file, keepBlock(text, fileOf(block)));
}

/** Removes empty folders up to the functions' folder, which belongs to the adopter. */
async function removeEmpty(folder: URL, root: URL): Promise<void> {
  const top = new URL("supabase/functions/", root).href;
  for (let one = folder; one.href.startsWith(top); one = new URL("..", one)) {
    if ((await Array.fromAsync(Deno.readDir(one))).length > 0) return;
    await Deno.remove(one);
  }
}
