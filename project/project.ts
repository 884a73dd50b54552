/**
 * The project on disk, as the Supabase CLI would read it: `supabase/config.toml` and the functions.
 *
 * @module
 */
import { parse } from "smol-toml";
import { ProjectError } from "./errors.ts";
import { ROOT } from "./root.ts";

/** What the local stack follows of `config.toml`. */
export interface ProjectConfig {
  /** The project's folder. */
  root: URL;
  /** `[api] port`, where the platform's URL is. */
  apiPort: number;
  functions: Map<string, FunctionConfig>;
  /** `[edge_runtime.secrets]`: variables of every function, unless a nearer place says otherwise. */
  secrets: Variables;
  /** `[auth.third_party.clerk] domain`, where it is enabled; empty where none is set. */
  clerkDomain: string | undefined;
  /** The projects for which `[remotes.*]` has settings of functions: their refs, or `env(NAME)`. */
  remotes: string[];
}

/** One function. */
export interface FunctionConfig {
  name: string;
  entrypoint: URL;
  /** Whether the platform's gateway checks a token before the function runs; true unless set. */
  verifyJwt: boolean;
  /** What `config.toml` says of it, as it is written there. */
  settings: FunctionSettings;
}

/** Settings of a function that matter here. */
export interface FunctionSettings {
  enabled?: boolean;
  verify_jwt?: boolean;
  entrypoint?: string;
  import_map?: string;
  static_files?: string[];
  env?: Variables;
}

/** Variables as `config.toml` has them: a text, or `env(NAME)` for a variable of the shell. */
export type Variables = Record<string, string>;

interface ConfigFile {
  api?: { port?: number };
  auth?: { third_party?: { clerk?: { enabled?: boolean; domain?: string } } };
  edge_runtime?: { secrets?: Variables };
  functions?: Record<string, FunctionSettings>;
  remotes?: Record<string, { project_id?: string; functions?: unknown }>;
}

/**
 * Reads the configuration and finds the functions: every folder of `supabase/functions` with an `index.ts` and a
 * name that may stand in a URL, and what the configuration adds.
 *
 * @param root The project's folder; the repository unless given.
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
    // It becomes a path, and an argument of commands.
    if (!NAME.test(name)) {
      throw new ProjectError(`Cannot use [functions.${JSON.stringify(name)}] of supabase/config.toml: ${NAME_RULE}`);
    }
    const settings = config.functions?.[name] ?? {};
    if (settings.enabled === false) continue;
    const entrypoint = new URL(settings.entrypoint ?? `functions/${name}/index.ts`, supabase);
    functions.set(name, { name, entrypoint, verifyJwt: settings.verify_jwt ?? true, settings });
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
    throw new ProjectError(`Cannot read supabase/config.toml: ${(error as Error).message}`);
  }
}

/** A name that may stand in a URL. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
const NAME_RULE = "a function's name is a letter, then letters, digits, _ and -";

/** A folder may be a link to one. A new project has no functions yet. */
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
