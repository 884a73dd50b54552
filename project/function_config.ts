/**
 * Configures Deno to run a function of any project with the packages of its own `deno.json` or import map, which are
 * found as the Supabase CLI finds them.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ProjectError } from "./errors.ts";
import { makeStateFolder } from "./find_project.ts";
import { parseJsonWithComments } from "./json_with_comments.ts";
import { lockedLinks, standInLinks, THIS_DENO } from "./jsr/config.ts";
import { lockOfRoom, withoutPath } from "./jsr/room_lock.ts";
import type { FunctionConfig, ProjectConfig } from "./project.ts";
import { readIfThere } from "./read_if_there.ts";
import { ROOT } from "./root.ts";

/** The import map that `add` writes. The bundle's `deno.lock` pins its packages. */
export const ADDED_IMPORT_MAP = "supabase/functions/_clerk-supabase/import_map.json";

/** The relevant fields of a `deno.json` or an import map. */
interface DenoConfig {
  importMap?: string;
  imports?: Record<string, string>;
  scopes?: Record<string, Record<string, string>>;
  compilerOptions?: Record<string, unknown>;
}

/**
 * Writes the configuration to run a function with: its own import map, without a `node_modules` folder, as hosted. The
 * lock file is a copy, so that Deno does not change files beside the function.
 *
 * @param one The function.
 * @param project The function's project.
 * @returns The arguments to put after `deno run`.
 * @throws {ProjectError} If its `deno.json` or its import map cannot be used; the message names both.
 */
export async function functionArguments(one: FunctionConfig, project: ProjectConfig): Promise<readonly string[]> {
  const file = await findImportMap(one, project.root);
  try {
    return await writeArguments(one, project, file);
  } catch (error) {
    if (!file) throw error;
    throw new ProjectError(`Cannot run ${one.name} with ${pathIn(project.root, file)}: ${(error as Error).message}`);
  }
}

/** Returns a file's path from the project's folder. */
const pathIn = (root: URL, file: URL) => relative(fileURLToPath(root), fileURLToPath(file));

async function writeArguments(
  one: FunctionConfig,
  project: ProjectConfig,
  file: URL | undefined,
): Promise<readonly string[]> {
  const { base, config } = file ? await readConfig(file) : { base: undefined, config: {} };
  const folder = new URL("functions/", await makeStateFolder(project.root));
  await Deno.mkdir(folder, { recursive: true });
  const [target, lock] = [new URL(`${one.name}.json`, folder), new URL(`${one.name}.lock`, folder)];
  const links = await standInLinks(THIS_DENO);
  await Deno.writeTextFile(target, JSON.stringify({ ...config, ...links, nodeModulesDir: "none" }, null, 2));
  const source = await readLock(base, project.root);
  if (source) await Deno.writeTextFile(lock, JSON.stringify(await fitLock(source, config)));
  return ["--config", fileURLToPath(target), "--lock", fileURLToPath(lock)];
}

/**
 * Finds the file that resolves a function's imports.
 *
 * @param one The function.
 * @param root The project's folder.
 * @returns A `deno.json` or an import map; undefined if there is none.
 */
export async function findImportMap({ entrypoint, settings }: FunctionConfig, root: URL): Promise<URL | undefined> {
  const supabase = new URL("supabase/", root);
  if (settings.import_map !== undefined) return new URL(settings.import_map, supabase);
  const candidates = [
    ...["deno.json", "deno.jsonc", "import_map.json"].map((name) => new URL(name, entrypoint)),
    new URL("functions/import_map.json", supabase),
  ];
  for (const candidate of candidates) {
    if (await readIfThere(candidate) !== undefined) return candidate;
  }
  return undefined;
}

/** Reads the configuration, includes the import map that it names, and makes relative addresses absolute. */
async function readConfig(file: URL): Promise<{ base: URL; config: DenoConfig }> {
  const { importMap, compilerOptions, ...own } = await parse(file);
  const base = importMap === undefined ? file : new URL(importMap, file);
  const { imports, scopes } = importMap === undefined ? own : await parse(base);
  const absolute = (address: string) => /^\.{0,2}\//.test(address) ? new URL(address, base).href : address;
  const entries = (map: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(map).map(([name, address]) => [absolute(name), absolute(address)]));
  const config = {
    imports: entries(imports),
    scopes: Object.fromEntries(Object.entries(scopes ?? {}).map(([scope, map]) => [absolute(scope), entries(map)])),
    ...(compilerOptions && { compilerOptions }),
  };
  return { base, config };
}

async function parse(file: URL): Promise<DenoConfig> {
  const text = await readIfThere(file);
  const content = text === undefined ? undefined : parseJsonWithComments(text);
  if (content !== undefined) return content;
  const why = text === undefined ? "there is no such file" : "it is not a JSON object";
  throw new ProjectError(`Cannot read ${fileURLToPath(file)}: ${why}`);
}

/** Reads the lock file to start from; without one, the versions of the first start are kept. */
async function readLock(map: URL | undefined, root: URL): Promise<Record<string, unknown> | undefined> {
  const isAdded = map?.href === new URL(ADDED_IMPORT_MAP, root).href;
  const sources = isAdded ? [ROOT] : [...(map ? [map] : []), root];
  for (const source of sources) {
    const text = await readIfThere(new URL("deno.lock", source));
    if (text !== undefined) return parseJsonWithComments(text);
  }
  return undefined;
}

/**
 * Returns the part of a lock file that a configuration needs. Deno uses hashes only from a lock file of the same
 * workspace, and otherwise trusts the registry; and it fetches every package in the lock file.
 */
async function fitLock(lock: Record<string, unknown>, { imports = {}, scopes = {} }: DenoConfig): Promise<unknown> {
  const targets = [imports, ...Object.values(scopes)].flatMap((map) => Object.values(map));
  const packages = targets.filter((target) => /^(npm|jsr):/.test(target)).map(withoutPath);
  const links = await lockedLinks();
  const hasLinks = Object.keys(links).length > 0;
  const whole = { specifiers: {}, npm: {}, ...lock };
  const all = { imports: Object.fromEntries(packages.map((one) => [one, one])), scopes: {} };
  const part = lockOfRoom(whole, all, { folders: [], without: [] });
  return { ...part, workspace: { dependencies: [...new Set(packages)].sort(), ...(hasLinks && { links }) } };
}
