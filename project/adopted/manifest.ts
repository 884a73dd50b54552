/**
 * The manifest: a hash of each file as the bundle wrote it. A file with another hash has been edited.
 *
 * @module
 */
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { commandLine } from "../command_line.ts";
import { CommandError } from "../errors.ts";
import { readIfThere } from "../read_if_there.ts";
import { ADDED } from "./contents.ts";
import { fileOf, isBlock, SHARED_FILES } from "./folder.ts";

/** The manifest's path in the project. */
export const MANIFEST = "supabase/clerk-supabase.json";

/** The content of the manifest. */
export interface Manifest {
  /** The bundle's version. */
  version: string;
  /** The functions that the adopter leaves out. */
  without: string[];
  /** SHA-256 by path; a block's path is `<path>#clerk-supabase`. */
  files: Record<string, string>;
}

/**
 * Parses a manifest.
 *
 * @param text The file; undefined if there is none.
 * @returns The manifest; undefined if there is no file.
 * @throws {CommandError} If the file is not a manifest.
 */
export function parseManifest(text: string | undefined): Manifest | undefined {
  if (text === undefined) return undefined;
  const value = parseJson(text);
  const isText = (one: unknown) => typeof one === "string";
  if (
    isObject(value) && isText(value.version) && Array.isArray(value.without) && value.without.every(isText) &&
    isObject(value.files) && Object.entries(value.files).every(([path, hash]) => isOurs(path) && isText(hash))
  ) return value as unknown as Manifest;
  throw new CommandError(
    `Cannot read ${MANIFEST}: ${commandLine("add")} did not write it like this; restore it from git`,
  );
}

/**
 * The characters in the bundle's file names. Others are unsafe: a URL decodes `%2f`, cuts at `#`, and drops line ends.
 */
const PLAIN = /^supabase(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)+$/;
const SHARED: readonly string[] = Object.values(SHARED_FILES);

/** Files with variables, such as `.env`, which never belong to the bundle, even if a manifest lists them. */
const VARIABLES = /(?:^|\/)\.env[^/]*$/;

/** Checks a path strictly, because `remove` deletes every file that the manifest names, except for the shared ones. */
function isOurs(path: string): boolean {
  const file = fileOf(path);
  return PLAIN.test(file) && isBlock(path) === SHARED.includes(file) && (isBlock(path) || !VARIABLES.test(file));
}

/**
 * Reads the names of the bundle's functions in a project.
 *
 * @param root The project's folder.
 * @returns Their names; undefined if `add` has not added the bundle to this project.
 */
export async function readAddedFunctions(root: URL): Promise<string[] | undefined> {
  const manifest = parseManifest(await readIfThere(new URL(MANIFEST, root)));
  return manifest && ADDED.filter((name) => !manifest.without.includes(name));
}

/**
 * Formats a manifest.
 *
 * @param manifest The manifest.
 * @returns The content of the file.
 */
export function formatManifest({ version, without, files }: Manifest): string {
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1));
  return `${JSON.stringify({ version, without, files: sorted }, null, 2)}\n`;
}
