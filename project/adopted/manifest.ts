/**
 * What the bundle wrote into a project, as it was written: a file of the project that is no longer so has been edited.
 *
 * @module
 */
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { commandLine } from "../command_line.ts";
import { CommandError } from "../errors.ts";
import { readIfThere } from "../read_if_there.ts";
import { ADDED } from "./contents.ts";
import { fileOf, isBlock, SHARED_FILES } from "./folder.ts";

/** Where it is in the project. */
export const MANIFEST = "supabase/clerk-supabase.json";

/** The manifest. */
export interface Manifest {
  /** The bundle's version. */
  version: string;
  /** The functions that the adopter does without. */
  without: string[];
  /** SHA-256 by path; of a block by `<path>#clerk-supabase`. */
  files: Record<string, string>;
}

/**
 * Reads a manifest.
 *
 * @param text The file; undefined where there is none.
 * @returns The manifest; undefined where there is none.
 * @throws {CommandError} Where it is none.
 */
export function parseManifest(text: string | undefined): Manifest | undefined {
  if (text === undefined) return undefined;
  const value = parseJson(text);
  const isText = (one: unknown) => typeof one === "string";
  if (
    isObject(value) && isText(value.version) && Array.isArray(value.without) && value.without.every(isText) &&
    isObject(value.files) && Object.entries(value.files).every(([path, hash]) => isOurs(path) && isText(hash))
  ) return value as unknown as Manifest;
  throw new CommandError(`Cannot read ${MANIFEST}: it is not as ${commandLine("add")} wrote it; take it back from git`);
}

/** The names of the bundle's own files need no more. A URL would decode `%2f`, cut at `#`, and drop a line's end. */
const PLAIN = /^supabase(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)+$/;
const SHARED: readonly string[] = Object.values(SHARED_FILES);

/** Files with variables, such as `.env`: never the bundle's, whatever a manifest says. */
const VARIABLES = /(?:^|\/)\.env[^/]*$/;

/** `remove` deletes every file that the manifest names; the adopter's own files only lose their block. */
function isOurs(path: string): boolean {
  const file = fileOf(path);
  return PLAIN.test(file) && isBlock(path) === SHARED.includes(file) && (isBlock(path) || !VARIABLES.test(file));
}

/**
 * Reads which functions of the bundle a project has.
 *
 * @param root The project's folder.
 * @returns Their names; undefined if `add` has not added the bundle to this project.
 */
export async function readAddedFunctions(root: URL): Promise<string[] | undefined> {
  const manifest = parseManifest(await readIfThere(new URL(MANIFEST, root)));
  return manifest && ADDED.filter((name) => !manifest.without.includes(name));
}

/**
 * Writes a manifest.
 *
 * @param manifest The manifest.
 * @returns The file.
 */
export function formatManifest({ version, without, files }: Manifest): string {
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1));
  return `${JSON.stringify({ version, without, files: sorted }, null, 2)}\n`;
}
