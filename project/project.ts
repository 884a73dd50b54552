/**
 * Reads a project from disk as the Supabase CLI does: `supabase/config.toml` and the functions.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, TomlError } from "smol-toml";
import { ProjectError, reasonOf } from "./errors.ts";
import { ROOT } from "./root.ts";

/** The settings of `config.toml` that are used here, and the functions. */
export interface ProjectConfig {
  /** The project's folder. */
  root: URL;
  /** `[api] port`, the port of the platform's URL. */
  apiPort: number;
  functions: Map<string, FunctionConfig>;
  /** `[edge_runtime.secrets]`: variables of every function, which its own files override. */
  secrets: Variables;
  /** `[auth.third_party.clerk] domain` if it is enabled; empty if no domain is set. */
  clerkDomain: string | undefined;
  /** The projects with settings of functions in `[remotes.*]`: their refs, or `env(NAME)`. */
  remotes: string[];
}

/** One function. */
export interface FunctionConfig {
  name: string;
  entrypoint: URL;
  /** Why `dev` must not run it. */
  fault?: string;
  /** Whether the platform's gateway checks a token before the function runs; true by default. */
  verifyJwt: boolean;
  /** Its settings as written in `config.toml`. */
  settings: FunctionSettings;
}

/** The settings of a function that are used here. */
export interface FunctionSettings {
  enabled?: boolean;
  verify_jwt?: boolean;
  entrypoint?: string;
  import_map?: string;
  static_files?: string[];
  env?: Variables;
}

/** Variables in `config.toml`: a string, or `env(NAME)` for a variable of the shell. */
export type Variables = Record<string, string>;

interface ConfigFile {
  api?: { port?: number };
  auth?: { third_party?: { clerk?: { enabled?: boolean; domain?: string } } };
  edge_runtime?: { secrets?: Variables };
  functions?: Record<string, FunctionSettings>;
  remotes?: Record<string, { project_id?: string; functions?: unknown }>;
}

/**
 * Reads the configuration and finds the functions: every folder of `supabase/functions` with an `index.ts` and a valid
 * name, and the functions that the configuration adds.
 *
 * @param root The project's folder; the default is the repository.
 * @returns The configuration.
 */
export async function readProject(root: URL = ROOT): Promise<ProjectConfig> {
  const supabase = new URL("supabase/", root);
  const config = parseConfig(await Deno.readTextFile(new URL("config.toml", supabase)));
  const names = new Set([
    ...await functionFolders(new URL("functions/", supabase)),
    ...Object.keys(config.functions ?? {}),
  ]);
  const functions = new Map<string, FunctionConfig>();
  for (const name of [...names].sort()) {
    // The name is used as a path, and as an argument of commands.
    if (!NAME.test(name)) {
      throw new ProjectError(`Cannot use [functions.${JSON.stringify(name)}] of supabase/config.toml: ${NAME_RULE}`);
    }
    const settings = config.functions?.[name] ?? {};
    if (settings.enabled === false) continue;
    const entrypoint = new URL(settings.entrypoint ?? `functions/${name}/index.ts`, supabase);
    const fault = isBelow(supabase, entrypoint) ? {} : { fault: `Cannot run ${name}: ${OUTSIDE}` };
    functions.set(name, { name, entrypoint, verifyJwt: settings.verify_jwt ?? true, settings, ...fault });
  }
  const { enabled = false, domain = "" } = config.auth?.third_party?.clerk ?? {};
  return {
    root,
    apiPort: config.api?.port ?? 54321,
    functions,
    secrets: config.edge_runtime?.secrets ?? {},
    clerkDomain: enabled ? domain : undefined,
    remotes: Object.values(config.remotes ?? {}).filter((one) => one.functions !== undefined)
      .map(({ project_id = "" }) => project_id),
  };
}

function parseConfig(text: string): ConfigFile {
  try {
    return parse(text) as ConfigFile;
  } catch (error) {
    // The other lines of the message quote the file.
    const line = error instanceof TomlError ? `, line ${error.line}` : "";
    throw new ProjectError(`Cannot read supabase/config.toml${line}: ${reasonOf(error)}`);
  }
}

const OUTSIDE = "its entrypoint in supabase/config.toml must be a file in supabase/";

/** Whether a file is in a folder: `dev` lets a function read the folder around its entry point. */
function isBelow(folder: URL, file: URL): boolean {
  // fileURLToPath() would refuse it: an encoded slash hides a part of the path.
  if (file.protocol !== "file:" || file.host !== "" || /%2f|%5c/i.test(file.pathname)) return false;
  const path = relative(fileURLToPath(folder), fileURLToPath(file));
  return path !== "" && !/^\.\.(\/|\\|$)/.test(path);
}

/** The names that can be used in a URL. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
const NAME_RULE = "a function's name is a letter, then letters, digits, _ and -";

/** Lists the folders of functions, including links; none in a new project. */
async function functionFolders(folder: URL): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isFile: plain } of Deno.readDir(folder)) {
      if (!plain && NAME.test(name) && await isFile(new URL(`${name}/index.ts`, folder))) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names;
}

async function isFile(file: URL): Promise<boolean> {
  try {
    return (await Deno.stat(file)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
