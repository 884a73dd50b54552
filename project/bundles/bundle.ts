/**
 * Bundles the functions into single files. They start in less than half of the time of their sources, and contain the
 * packages that `deno.lock` pins by hash, whereas the platform's own bundling would choose versions again.
 *
 * @module
 */
import { stringify } from "smol-toml";
import { ROOT } from "../root.ts";
import type { FunctionConfig, ProjectConfig } from "../project.ts";
import { CommandError, requireNotStopped } from "../errors.ts";
import { commandLine } from "../command_line.ts";
import { ADDED_IMPORT_MAP } from "../function_config.ts";
import { findUnpinned, readLockFile } from "./lock_file.ts";

/** The project to bundle, and the way to find its packages. */
export interface BundleOptions {
  project: ProjectConfig;
  /** The arguments that make Deno use the repository's configuration: `configArguments()`. */
  config: readonly string[];
  /**
   * The links to the stand-ins of JSR's packages, for functions that `add` added: `standInLinks()`; none by default.
   */
  links?: Record<string, string[]>;
  /** Whether to bundle nothing, and to deploy every function from its sources. */
  asSources?: boolean;
  /** The folder to create; an existing one is removed first. */
  into: URL;
}

/** The result of bundling. */
export interface Bundles {
  /** The folder for `supabase --workdir`. Its `supabase/` contains only the bundles, and a `config.toml` for them. */
  workdir: URL;
  /** The names of the bundled functions. */
  bundled: string[];
  /** The names of functions with other import settings, which are deployed from their sources. */
  sources: string[];
  /** Lines to print about unexpected results. */
  notes: string[];
}

/**
 * How a function is deployed: bundled with the import map in the project's root, bundled with the one that `add` wrote,
 * or from its sources.
 */
export type Kind = "bundle" | "added" | "source";

/**
 * Bundles every function that uses the project's import map, or the one that `add` wrote.
 *
 * @param options The project.
 * @returns The folder of the bundles, and the functions without one.
 * @throws {CommandError} If a function cannot be bundled; the message has Deno's reason.
 */
export async function bundleFunctions(options: BundleOptions): Promise<Bundles> {
  const { project: { root, functions }, into, asSources = false } = options;
  const all = [...functions.values()];
  const kinds = new Map(await Promise.all(all.map(async (one) => [one, await kindOf(one, root)] as const)));
  await remove(into);
  await Deno.mkdir(new URL("supabase/functions/", into), { recursive: true });
  const notes: string[] = [];
  const bundled: FunctionConfig[] = [];
  for (const kind of ["bundle", "added"] as const) {
    const chosen = asSources ? [] : all.filter((one) => kinds.get(one) === kind);
    if (chosen.length === 0) continue;
    const packages = kind === "added" ? await addedPackages(options) : await ownPackages(options);
    if (!packages.lock) notes.push(NO_LOCK);
    for (const one of chosen) {
      if (await bundle(one, packages.args, { root, into })) bundled.push(one);
      else notes.push(`${one.name} is deployed from its sources: it uses import.meta, or computes what it imports.`);
    }
    if (packages.lock) await refuseUnpinned(packages.lock, into, packages.advice);
  }
  await Deno.writeTextFile(new URL("supabase/config.toml", into), describe(bundled));
  const sources = all.filter((one) => !bundled.includes(one)).map(({ name }) => name);
  return { workdir: into, bundled: bundled.map(({ name }) => name), sources, notes };
}

/** How the functions of one kind find their packages. */
interface Packages {
  args: string[];
  /** The folder of the `deno.lock` that pins the packages; undefined if there is none. */
  lock: URL | undefined;
  /** The advice for packages that it does not pin. */
  advice: string;
}

async function ownPackages({ project: { root }, config, into }: BundleOptions): Promise<Packages> {
  const hasLock = await copyLock(root, into);
  return {
    args: ["--quiet", "--platform", "deno", ...config, ...lockArguments(hasLock, into)],
    lock: hasLock ? root : undefined,
    advice: "run deno task check, which adds to it, and review the change",
  };
}

/** The bundle's own lock file pins the packages of functions that `add` added. */
async function addedPackages({ project: { root }, links = {}, into }: BundleOptions): Promise<Packages> {
  const file = new URL("deno.json", into);
  const importMap = pathOf(new URL(ADDED_IMPORT_MAP, root));
  await Deno.writeTextFile(file, JSON.stringify({ importMap, nodeModulesDir: "none", ...links }));
  const hasLock = await copyLock(ROOT, into);
  return {
    args: ["--quiet", "--platform", "deno", "--config", pathOf(file), ...lockArguments(hasLock, into)],
    lock: hasLock ? ROOT : undefined,
    advice: `update the project with ${commandLine("add")}, or let the platform bundle: ${
      commandLine("deploy --sources")
    }`,
  };
}

const NO_LOCK = "There is no deno.lock: the bundles contain the package versions that the registries chose today.";

/**
 * Returns whether a function can be bundled. A function with its own settings is deployed from its sources, because
 * they may name another import map, JSX or static files.
 *
 * @param one The function.
 * @param root The project's folder.
 * @returns How to deploy it.
 */
export async function kindOf({ entrypoint, settings }: FunctionConfig, root: URL = ROOT): Promise<Kind> {
  if (settings.import_map !== undefined || settings.static_files !== undefined) return "source";
  const file = new URL("deno.json", entrypoint);
  try {
    const { importMap, ...others } = JSON.parse(await Deno.readTextFile(file));
    if (Object.keys(others).length > 0) return "source";
    const { href } = new URL(importMap, file);
    if (href === new URL(ADDED_IMPORT_MAP, root).href) return "added";
    return href === new URL("import_map.json", root).href ? "bundle" : "source";
  } catch {
    // There is no such file, or it has other settings.
    return "source";
  }
}

/** Copies the lock file, so that entries of this machine's stand-ins stay out of the project's own. */
async function copyLock(from: URL, into: URL): Promise<boolean> {
  try {
    await Deno.copyFile(new URL("deno.lock", from), new URL("deno.lock", into));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function lockArguments(hasLock: boolean, into: URL): string[] {
  return hasLock ? ["--lock", pathOf(new URL("deno.lock", into))] : ["--no-lock"];
}

/** Compares the lock file with its copy: Deno adds missing entries to the copy, and fails if a hash differs. */
async function refuseUnpinned(lock: URL, into: URL, advice: string): Promise<void> {
  const unpinned = findUnpinned(await readLockFile(lock), await readLockFile(into));
  if (unpinned.length === 0) return;
  throw new CommandError(`Cannot bundle: deno.lock does not pin ${unpinned.join(", ")}; ${advice}`);
}

/** Bundles a function; returns false if the bundle would not behave like its source. */
async function bundle(
  { name, entrypoint }: FunctionConfig,
  args: string[],
  { root, into }: { root: URL; into: URL },
): Promise<boolean> {
  const folder = new URL(`supabase/functions/${name}/`, into);
  await Deno.mkdir(folder);
  const file = new URL("index.js", folder);
  const { success, code: exitCode, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...args, "--output", pathOf(file), pathOf(entrypoint)],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) {
    requireNotStopped(exitCode);
    const reason = reasonIn(new TextDecoder().decode(stderr));
    throw new CommandError(
      `Cannot bundle ${name}: ${reason}\nFix this, or let the platform bundle: ${commandLine("deploy --sources")}`,
    );
  }
  const code = await Deno.readTextFile(file);
  if (BESIDE_ITSELF.test(code)) {
    await remove(folder);
    return false;
  }
  await Deno.writeTextFile(file, withoutCachePaths(code));
  // Without this file, the platform would look for a configuration further up.
  await Deno.writeTextFile(new URL("deno.json", folder), "{}\n");
  return true;
}

/** Code that depends on files beside it: the address of a module, and an import with a computed specifier. */
const BESIDE_ITSELF = /\bimport\.meta\.(url|filename|dirname|resolve)\b|\bimport\((?!\s*["'])/;

/** Extracts Deno's reason, and replaces its unhelpful message about a refused JSR package. */
function reasonIn(text: string): string {
  return text.split("error: bundling failed")[0]!.replace(/^error: /, "").trim()
    .replace(/Do not know how to load path: deno:(jsr:\S+)/, "$1 does not exist, or its hash differs from deno.lock");
}

/**
 * Removes this machine's paths of packages from comments and names of modules. They are private, and differ between
 * machines, which would then produce different bundles.
 *
 * @param code A bundle.
 * @returns The bundle with `npm/<package>/<version>/` instead of the paths.
 */
export function withoutCachePaths(code: string): string {
  // A registry's URL may include a path.
  const path =
    /^([ \t]*\/\/ | {2}")[^"\n]*?\/npm\/(?:[^/"\n]+\/)+?(?=(?:@[^/"\n]+\/)?[^/"\n]+\/\d+\.\d+\.\d+[^/"\n]*\/)/gm;
  return code.replaceAll(path, "$1npm/");
}

/** Leaves `verify_jwt` unset if the project does: the Supabase CLI then keeps the deployed setting. */
function describe(functions: readonly FunctionConfig[]): string {
  const entries = functions.map(({ name, settings: { verify_jwt } }) => {
    const entrypoint = `./functions/${name}/index.js`;
    return [name, { ...(verify_jwt !== undefined && { verify_jwt }), entrypoint }];
  });
  return `# Generated by deploy from supabase/config.toml.\n\n${
    stringify({ functions: Object.fromEntries(entries) })
  }\n`;
}

async function remove(folder: URL): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function pathOf(url: URL): string {
  return decodeURIComponent(url.pathname);
}
