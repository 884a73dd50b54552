/**
 * The functions as single files: they start in a quarter of the time that their sources take, and hold the npm
 * packages that `deno.lock` names, where the platform's own bundling would choose versions anew.
 *
 * @module
 */
import { stringify } from "smol-toml";
import { type FunctionConfig, type ProjectConfig, ROOT } from "../../dev/project.ts";
import { CommandError } from "../surroundings.ts";

/** Where the bundles are made. */
export const BUNDLES = new URL(".cache/deploy/", ROOT);

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
  into?: URL;
}

/** The bundles that were made. */
export interface Bundles {
  /** The folder for `supabase --workdir`. All that is in its `supabase/` is the bundles, and what a `config.toml` says of them. */
  workdir: URL;
  /** The names of the functions that are bundled. */
  bundled: string[];
  /** The names of those that resolve their imports in a way of their own, and are to be deployed as they are. */
  sources: string[];
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
  { project, config, asSources = false, root = ROOT, into = BUNDLES }: BundleOptions,
): Promise<Bundles> {
  const functions = [...project.functions.values()];
  const kinds = await Promise.all(functions.map((one) => asSources ? "source" : kindOf(one, root)));
  const bundled = functions.filter((_, index) => kinds[index] === "bundle");
  await remove(into);
  await Deno.mkdir(new URL("supabase/functions/", into), { recursive: true });
  const args = ["--quiet", "--platform", "deno", ...config, ...await lockArguments(root, into)];
  for (const one of bundled) await bundle(one, args, { root, into });
  await Deno.writeTextFile(new URL("supabase/config.toml", into), describe(bundled));
  const names = (kind: Kind) => functions.filter((_, index) => kinds[index] === kind).map(({ name }) => name);
  return { workdir: into, bundled: names("bundle"), sources: names("source") };
}

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

async function bundle({ name, entrypoint }: FunctionConfig, args: string[], { root, into }: { root: URL; into: URL }) {
  const folder = new URL(`supabase/functions/${name}/`, into);
  await Deno.mkdir(folder);
  const file = new URL("index.js", folder);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...args, "--output", pathOf(file), pathOf(entrypoint)],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) {
    const reason = reasonIn(new TextDecoder().decode(stderr));
    throw new CommandError(
      `Cannot bundle ${name}: ${reason}\nMend this, or let the platform bundle: deno task deploy --sources`,
    );
  }
  await Deno.writeTextFile(file, withoutCachePaths(await Deno.readTextFile(file)));
  // Without one, the platform would look for a configuration further up.
  await Deno.writeTextFile(new URL("deno.json", folder), "{}\n");
}

/** What Deno says before it gives up. */
function reasonIn(text: string): string {
  return text.split("error: bundling failed")[0]!.replace(/^error: /, "").trim();
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
