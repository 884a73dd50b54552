/**
 * The adopter's project on disk. A path may name a whole file, or with `#clerk-supabase` the bundle's block in it.
 *
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CommandError, UsageError } from "../errors.ts";
import { keepBlock, putBlock, readBlock, takeBlock, unixText } from "./block.ts";
import { readIfThere } from "../read_if_there.ts";

const BLOCK = "#clerk-supabase";

/** The adopter's own files that have a block. */
export const SHARED_FILES = {
  config: "supabase/config.toml",
  example: "supabase/functions/.env.example",
  ignored: "supabase/functions/.gitignore",
} as const;

/** The adopter's variables. */
export const SECRETS = "supabase/functions/.env";

/**
 * Names the bundle's block in a file.
 *
 * @param path The file.
 * @returns The block's path.
 */
export function blockOf(path: string): string {
  return path + BLOCK;
}

/**
 * Whether a path names a block.
 *
 * @param path The path.
 * @returns Whether it does.
 */
export function isBlock(path: string): boolean {
  return path.endsWith(BLOCK);
}

/**
 * The file that a path is about.
 *
 * @param path Of a file or a block.
 * @returns The file's own path.
 */
export function fileOf(path: string): string {
  return isBlock(path) ? path.slice(0, -BLOCK.length) : path;
}

/** A project's folder. */
export interface ProjectFolder {
  root: URL;
  /** As it was given. */
  name: string;
  /** Reads a file or a block, whichever way its lines end; undefined where there is none. */
  read: (path: string) => Promise<string | undefined>;
  /** Whether a file is there; it may be a link to one. */
  has: (path: string) => Promise<boolean>;
  write: (path: string, text: string) => Promise<void>;
  /** Removes a file, with the folders that it leaves empty, or a block, with the file that it leaves empty. */
  remove: (path: string) => Promise<void>;
  /** Leaves a block's lines to the adopter. */
  keep: (block: string) => Promise<void>;
}

/**
 * Opens a project.
 *
 * @param bundle The bundle's repository.
 * @param given The folder; a relative path counts from the current one.
 * @returns The project.
 * @throws {UsageError} Where there is no Supabase project, or it is the bundle itself.
 */
export async function openFolder(bundle: URL, given: string): Promise<ProjectFolder> {
  const path = resolve(given);
  const root = pathToFileURL(`${path}/`);
  if ((await lstat(pathToFileURL(path)))?.isFile) throw new UsageError(`Cannot use ${given}: it is a file, no folder`);
  if (await read(root, SHARED_FILES.config) === undefined) {
    const isInside = basename(path) === "supabase" && await lstat(new URL("config.toml", root)) !== undefined;
    const hint = isInside ? `did you mean ${dirname(given)}?` : "supabase init makes one";
    throw new UsageError(`Cannot find a project in ${given}: there is no ${SHARED_FILES.config}; ${hint}`);
  }
  if (await Deno.realPath(path) === await Deno.realPath(bundle)) {
    throw new UsageError(`Cannot use ${given}: it is the bundle itself; name your own project's folder`);
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
  // Through it, files would be changed that are no part of the project.
  if (isSymlink) return "a symbolic link, and what it leads to may be elsewhere";
  if (isDirectory !== isLast) return undefined;
  return isLast ? "a folder, and a file belongs there" : "a file, and a folder belongs there";
}

async function lstat(file: URL): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
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

/** Up to the functions' folder, which is the adopter's. */
async function removeEmpty(folder: URL, root: URL): Promise<void> {
  const top = new URL("supabase/functions/", root).href;
  for (let one = folder; one.href.startsWith(top); one = new URL("..", one)) {
    if ((await Array.fromAsync(Deno.readDir(one))).length > 0) return;
    await Deno.remove(one);
  }
}
