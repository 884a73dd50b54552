/**
 * What `deno.lock` holds a bundle to: the packages and remote modules, each by its hash.
 *
 * @module
 */
import { readIfThere } from "../read_if_there.ts";
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { CommandError } from "../errors.ts";

/** Entries by section. An entry of `npm` and `jsr` has an `integrity`, one of `remote` is a hash itself. */
type LockFile = Record<typeof SECTIONS[number], Record<string, unknown>>;

/** The packages, the modules that are imported by their address, and which version each specifier means. */
const SECTIONS = ["npm", "jsr", "remote", "specifiers"] as const;

/**
 * Reads a lock file.
 *
 * @param folder Where it is.
 * @param name Its name there.
 * @returns Its entries; none if there is no such file.
 */
export async function readLockFile(folder: URL, name = "deno.lock"): Promise<LockFile> {
  const content = parseJson(await readIfThere(new URL(name, folder)) ?? "{}");
  if (!isObject(content)) throw new CommandError(`Cannot read ${name}: it is not a JSON object`);
  const section = (name: string) => isObject(content[name]) ? content[name] : {};
  return Object.fromEntries(SECTIONS.map((name) => [name, section(name)])) as LockFile;
}

/**
 * Compares the lock file of a project with the copy that Deno completed while it bundled.
 *
 * @param pinned The project's lock file.
 * @param used The copy.
 * @returns What the bundles hold and the project's lock file does not hold by hash, in words for a message.
 */
export function findUnpinned(pinned: LockFile, used: LockFile): string[] {
  const changed = (name: keyof LockFile) =>
    Object.keys(used[name]).filter((key) => hashOf(pinned[name][key]) !== hashOf(used[name][key]));
  const unhashed = (["npm", "jsr"] as const).flatMap((name) =>
    Object.keys(used[name]).filter((key) => hashOf(used[name][key]) === undefined)
  );
  const packages = [...changed("npm"), ...changed("jsr"), ...changed("remote"), ...unhashed];
  // A new package brings its specifier along; one that has a new meaning is worth a word of its own.
  const specifiers = packages.length === 0 ? changed("specifiers") : [];
  return [...new Set([...packages, ...specifiers])];
}

/** The hash of a package, or the text of any other entry. What else Deno notes of a package is no matter of trust. */
function hashOf(entry: unknown): string | undefined {
  const text = isObject(entry) ? entry.integrity : entry;
  return typeof text === "string" && text !== "" ? text : undefined;
}
