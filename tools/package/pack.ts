/**
 * Packs the npm package in a separate folder. With a `package.json` beside `deno.json`, Deno would treat its
 * dependency `deno` as one of this repository, and fetch it for every task.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { trackedFiles } from "../../project/repository_files.ts";
import { ROOT } from "../../project/root.ts";
import { runCommand } from "../../project/supabase_cli.ts";
import { findUnpinned, readLockFile } from "../../project/bundles/lock_file.ts";
import { type ImportMap, type LockFile, lockOfRoom } from "../../project/jsr/room_lock.ts";
import { configOf, PACKAGE_SETS } from "./config.ts";

/** The fields of the package's `package.json`. */
const DESCRIPTION = "bin/npm-package.json";

/**
 * Packs the package: the tracked files that `files` of `bin/npm-package.json` names, and for each set of packages its
 * configuration and its part of `deno.lock`. A file that git does not track, such as `.env`, never gets in.
 *
 * @param into The folder of the tarball.
 * @returns The tarball.
 */
export async function packPackage(into: URL): Promise<URL> {
  await Deno.mkdir(into, { recursive: true });
  const folder = new URL(`${await Deno.makeTempDir({ prefix: "package-" })}/`, "file:");
  try {
    const { files } = JSON.parse(await Deno.readTextFile(new URL(DESCRIPTION, ROOT)));
    for (const path of await filesToPack(files)) await copy(path, path, folder);
    await copy(DESCRIPTION, "package.json", folder);
    await copy("README.md", "README.md", folder);
    await copy("LICENSE", "LICENSE", folder);
    for (const name of Object.keys(PACKAGE_SETS)) await writeConfig(name, folder);
    const name = await run(folder, "npm", ["pack", "--silent", "--pack-destination", fileURLToPath(into)]);
    return new URL(name.trim(), into);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Lists the tracked files of the package. Files that are not added to git yet are left out.
 *
 * @param files `files` of the package's description.
 * @param root The repository; the default is this one.
 * @returns The paths.
 * @throws {Error} If one is a symbolic link, because the package would contain the file that it leads to.
 */
export async function filesToPack(files: readonly string[], root: URL = ROOT): Promise<string[]> {
  const paths = (await trackedFiles({ isNewIncluded: false, root })).filter((path) => isPacked(path, files));
  for (const path of paths) {
    if ((await Deno.lstat(new URL(path, root))).isSymlink) {
      throw new Error(`Cannot pack ${path}: it is a symbolic link`);
    }
  }
  return paths;
}

/** Selects files as npm does with `files`: paths, and exceptions with `!`. */
function isPacked(path: string, files: readonly string[]): boolean {
  const isBelow = (folder: string) => path === folder || path.startsWith(`${folder}/`);
  const [excluded, included] = [files.filter((file) => file.startsWith("!")), files.filter((file) => file[0] !== "!")];
  return path !== DESCRIPTION && included.some(isBelow) &&
    !excluded.some((file) => isBelow(file.slice(1)));
}

async function copy(from: string, to: string, folder: URL): Promise<void> {
  const target = new URL(to, folder);
  await Deno.mkdir(dirname(fileURLToPath(target)), { recursive: true });
  await Deno.copyFile(new URL(from, ROOT), target);
}

/** Writes a configuration and its lock file, which Deno itself completes, because `--frozen` refuses any other. */
async function writeConfig(name: string, folder: URL): Promise<void> {
  const set = PACKAGE_SETS[name]!;
  const [map, whole] = await Promise.all([readJson<ImportMap>("import_map.json"), readJson<LockFile>("deno.lock")]);
  const [config, lock] = ["json", "lock"].map((ending) => `bin/packed/${name}.${ending}`) as [string, string];
  await Deno.mkdir(new URL("bin/packed/", folder), { recursive: true });
  await Deno.writeTextFile(new URL(config, folder), `${JSON.stringify(configOf(set, map), null, 2)}\n`);
  const pinned = withoutJsr(lockOfRoom(whole, map, set), await readJson("project/jsr/http/deno.json"));
  await Deno.writeTextFile(new URL(lock, folder), JSON.stringify(pinned, null, 2));
  const args = ["cache", "--quiet", "--config", config, "--lock", lock, `${set.program}/main.ts`];
  await run(folder, Deno.execPath(), args);
  const unpinned = findUnpinned(await readLockFile(ROOT), await readLockFile(folder, lock));
  if (unpinned.length > 0) throw new Error(`Cannot pack: deno.lock does not pin ${unpinned.join(", ")}`);
}

/** Replaces JSR's packages with the link to their stand-in, because Deno ignores the lock file of another workspace. */
function withoutJsr({ jsr: _, specifiers, ...lock }: LockFile, standIn: { name: string; version: string }): LockFile {
  const npm = Object.entries(specifiers).filter(([specifier]) => specifier.startsWith("npm:"));
  const dependencies = npm.map(([specifier]) => specifier).sort();
  const links = { [`jsr:${standIn.name}@${standIn.version}`]: {} };
  return { ...lock, specifiers: Object.fromEntries(npm), workspace: { dependencies, links } };
}

async function readJson<Content>(path: string): Promise<Content> {
  return JSON.parse(await Deno.readTextFile(new URL(path, ROOT)));
}

async function run(folder: URL, command: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, { folder }, args);
  if (code !== 0) throw new Error(`Cannot pack: ${command} ${args[0]} failed: ${stderr.trim()}`);
  return stdout;
}
