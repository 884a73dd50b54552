/**
 * The functions as single files: they start in less than half of the time that their sources take, and hold the
 * packages that `deno.lock` names by hash, whereas the platform's own bundling would choose versions again.
 *
 * @module
 */
import { stringify } from "smol-toml";
import { ROOT } from "../root.ts";
import type { FunctionConfig, ProjectConfig } from "../project.ts";
import { CommandError, requireNotStopped } from "../errors.ts";
import { findUnpinned, readLockFile } from "./lock_file.ts";

/** What bundling takes. */
export interface BundleOptions {
  project: ProjectConfig;
  /** The arguments that make Deno use the project's configuration: `configArguments()`. */
  config: readonly string[];
  /** Whether nothing is bundled, and every function is to be deployed as it is. */
  asSources?: boolean;
  /** The repository. */
  root?: URL;
  /** The folder to make, which is removed first. */
  into: URL;
}

/** The bundles that were made. */
export interface Bundles {
  /** The folder for `supabase --workdir`. All that is in its `supabase/` is the bundles, and what a `config.toml` says of them. */
  workdir: URL;
  /** The names of the functions that are bundled. */
  bundled: string[];
  /** The names of those that resolve their imports in a way of their own, and are to be deployed as they are. */
  sources: string[];
  /** Lines for people: what they might not expect. */
  notes: string[];
}

/** How a function is deployed. */
type Kind = "bundle" | "source";

/**
 * Bundles every function that resolves its imports by the project's import map.
 *
 * @param options The project.
 * @returns Where the bundles are, and which functions have none.
 * @throws {CommandError} Where a function does not bundle; the message has Deno's reason.
 */
export async function bundleFunctions(
  { project, config, asSources = false, root = ROOT, into }: BundleOptions,
): Promise<Bundles> {
  const functions = [...project.functions.values()];
  const kinds = await Promise.all(functions.map((one) => asSources ? "source" : kindOf(one, root)));
  await remove(into);
  await Deno.mkdir(new URL("supabase/functions/", into), { recursive: true });
  const args = ["--quiet", "--platform", "deno", ...config, ...await lockArguments(root, into)];
  const notes = args.includes("--no-lock") && !asSources ? [NO_LOCK] : [];
  const bundled: FunctionConfig[] = [];
  for (const one of functions.filter((_, index) => kinds[index] === "bundle")) {
    if (await bundle(one, args, { root, into })) bundled.push(one);
    else notes.push(`${one.name} is deployed from its sources: it uses import.meta, or computes what it imports.`);
  }
  if (!args.includes("--no-lock")) await refuseUnpinned(root, into);
  await Deno.writeTextFile(new URL("supabase/config.toml", into), describe(bundled));
  const sources = functions.filter((one) => !bundled.includes(one)).map(({ name }) => name);
  return { workdir: into, bundled: bundled.map(({ name }) => name), sources, notes };
}

const NO_LOCK = "There is no deno.lock: the bundles hold the versions of packages that the registries have today.";

/**
 * Tells whether a function can be bundled with the project's configuration. One that has settings of its own is
 * deployed as it is, because they may say anything: another import map, JSX, files beside the code.
 *
 * @param one The function.
 * @param root The repository.
 * @returns How to deploy it.
 */
export async function kindOf({ entrypoint, settings }: FunctionConfig, root: URL = ROOT): Promise<Kind> {
  if (settings.import_map !== undefined || settings.static_files !== undefined) return "source";
  const file = new URL("deno.json", entrypoint);
  try {
    const { importMap, ...others } = JSON.parse(await Deno.readTextFile(file));
    const ours = new URL(importMap, file).href === new URL("import_map.json", root).href;
    return ours && Object.keys(others).length === 0 ? "bundle" : "source";
  } catch {
    // None, or none that is this simple.
    return "source";
  }
}

/** With a copy: what this machine's stand-ins add to a lock file stays out of the project's own. */
async function lockArguments(root: URL, into: URL): Promise<string[]> {
  const copy = new URL("deno.lock", into);
  try {
    await Deno.copyFile(new URL("deno.lock", root), copy);
    return ["--lock", pathOf(copy)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return ["--no-lock"];
    throw error;
  }
}

/** Deno adds to the copy whatever the project's lock file does not have, and fails if a hash there differs. */
async function refuseUnpinned(root: URL, into: URL): Promise<void> {
  const unpinned = findUnpinned(await readLockFile(root), await readLockFile(into));
  if (unpinned.length === 0) return;
  throw new CommandError(
    `Cannot bundle: deno.lock does not pin ${unpinned.join(", ")}; run deno task check, which adds to it, and review ` +
      "the change",
  );
}

/** Returns whether there is a bundle: none where it would not do what its source does. */
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
      `Cannot bundle ${name}: ${reason}\nMend this, or let the platform bundle: deno task deploy --sources`,
    );
  }
  const code = await Deno.readTextFile(file);
  if (BESIDE_ITSELF.test(code)) {
    await remove(folder);
    return false;
  }
  await Deno.writeTextFile(file, withoutCachePaths(code));
  // Without one, the platform would look for a configuration further up.
  await Deno.writeTextFile(new URL("deno.json", folder), "{}\n");
  return true;
}

/** What looks for files beside the code: the address of a module, and an import of more than a text. */
const BESIDE_ITSELF = /\bimport\.meta\.(url|filename|dirname|resolve)\b|\bimport\((?!\s*["'])/;

/** What Deno says before it gives up. Of a package of JSR that it refuses, it says nothing that helps. */
function reasonIn(text: string): string {
  return text.split("error: bundling failed")[0]!.replace(/^error: /, "").trim()
    .replace(/Do not know how to load path: deno:(jsr:\S+)/, "$1 does not exist, or its hash differs from deno.lock");
}

/**
 * Where this machine keeps packages stands in comments and in names of modules. It is nobody's business, and two
 * machines would make two different bundles.
 *
 * @param code A bundle.
 * @returns The bundle with `npm/<package>/<version>/` in their place.
 */
export function withoutCachePaths(code: string): string {
  // A registry may have a path of its own.
  const path =
    /^([ \t]*\/\/ | {2}")[^"\n]*?\/npm\/(?:[^/"\n]+\/)+?(?=(?:@[^/"\n]+\/)?[^/"\n]+\/\d+\.\d+\.\d+[^/"\n]*\/)/gm;
  return code.replaceAll(path, "$1npm/");
}

/** `verify_jwt` stays unset where it is: the Supabase CLI then keeps what the project has. */
function describe(functions: readonly FunctionConfig[]): string {
  const entries = functions.map(({ name, settings: { verify_jwt } }) => {
    const entrypoint = `./functions/${name}/index.js`;
    return [name, { ...(verify_jwt !== undefined && { verify_jwt }), entrypoint }];
  });
  return `# Made by deno task deploy from supabase/config.toml.\n\n${
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
