/**
 * Checks the packages and remote modules of a bundle against the hashes in `deno.lock`.
 *
 * @module
 */
import { readIfThere } from "../read_if_there.ts";
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { CommandError } from "../errors.ts";

/** Entries by section. Entries of `npm` and `jsr` have an `integrity`; an entry of `remote` is a hash. */
type LockFile = Record<typeof SECTIONS[number], Record<string, unknown>>;

/** The sections of packages, of modules imported by URL, and of the version for each specifier. */
const SECTIONS = ["npm", "jsr", "remote", "specifiers"] as const;

/**
 * Reads a lock file.
 *
 * @param folder The folder of the lock file.
 * @param name The name of the lock file.
 * @returns Its entries; none if there is no such file.
 */
export async function readLockFile(folder: URL, name = "deno.lock"): Promise<LockFile> {
  const content = parseJson(await readIfThere(new URL(name, folder)) ?? "{}");
  if (!isObject(content)) throw new CommandError(`Cannot read ${name}: it is not a JSON object`);
  const section = (name: string) => isObject(content[name]) ? content[name] : {};
  return Object.fromEntries(SECTIONS.map((name) => [name, section(name)])) as LockFile;
}

/**
 * Compares the lock file of a project with the copy that Deno completed during bundling.
 *
 * @param pinned The project's lock file.
 * @param used The copy.
 * @returns The packages in the bundles that the lock file does not pin by hash, as text for a message.
 */
export function findUnpinned(pinned: LockFile, used: LockFile): string[] {
  const changed = (name: keyof LockFile) =>
    Object.keys(used[name]).filter((key) => hashOf(pinned[name][key]) !== hashOf(used[name][key]));
  const unhashed = (["npm", "jsr"] as const).flatMap((name) =>
    Object.keys(used[name]).filter((key) => hashOf(used[name][key]) === undefined)
  );
  const packages = [...changed("npm"), ...changed("jsr"), ...changed("remote"), ...unhashed];
  // A new package has a new specifier too; a known specifier with another version is reported separately.
  const specifiers = packages.length === 0 ? changed("specifiers") : [];
  return [...new Set([...packages, ...specifiers])];
}

/** Returns the hash of a package, or the text of any other entry. Other fields of a package do not affect trust. */
function hashOf(entry: unknown): string | undefined {
  const text = isObject(entry) ? entry.integrity : entry;
  return typeof text === "string" && text !== "" ? text : undefined;
}
