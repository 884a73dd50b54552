/**
 * Reads the variables of functions from a project's files, as `supabase functions serve` does: `config.toml`, and
 * `.env` files, one for all functions and one for each.
 *
 * @module
 */
import { readEnvFile } from "./env_file.ts";
import { readProject, type Variables } from "./project.ts";
import { ROOT } from "./root.ts";

/**
 * Reads the variables of a function. Later files take precedence: `[edge_runtime.secrets]`, `supabase/functions/.env`,
 * `supabase/functions/<name>/.env`, `[functions.<name>.env]`. Names that begin with `SUPABASE_` are skipped, because
 * they belong to the platform, and so are empty values, so that a copied `.env.example` has no effect.
 *
 * @param name The function, or undefined for the variables of all functions.
 * @param root The project's folder; the repository unless given.
 * @returns Its variables.
 */
export async function readFunctionVariables(name?: string, root: URL = ROOT): Promise<Record<string, string>> {
  const folder = new URL("supabase/functions/", root);
  const paths = [".env", ...(name === undefined ? [] : [`${name}/.env`])];
  const { secrets, functions } = await readProject(root);
  const files = await Promise.all(paths.map((path) => readVariableFile(new URL(path, folder))));
  const own = functions.get(name ?? "")?.settings.env;
  return layered([resolveVariables(secrets), ...files, resolveVariables(own)]);
}

/**
 * Returns the variables to which `[edge_runtime.secrets]` gives a value of the shell, with `env(NAME)`.
 *
 * @param root The project's folder.
 * @returns Their names in the functions.
 */
export async function variablesFromShell(root: URL): Promise<Set<string>> {
  const { secrets } = await readProject(root);
  return new Set(Object.keys(secrets).filter((name) => shellNameIn(secrets[name]!) !== undefined));
}

/**
 * Reads one env file by the same rules.
 *
 * @param file The file; a missing one counts as empty.
 * @returns Its variables.
 */
export async function readVariableFile(file: URL): Promise<Record<string, string>> {
  return layered([await readEnvFile(file)]);
}

function layered(layers: ReadonlyArray<Record<string, string>>): Record<string, string> {
  const entries = layers.flatMap((variables) => Object.entries(variables));
  return Object.fromEntries(entries.filter(([key, value]) => !key.startsWith("SUPABASE_") && value !== ""));
}

function resolveVariables(variables: Variables = {}): Record<string, string> {
  const resolve = (value: string) => {
    const name = shellNameIn(value);
    return name === undefined ? value : Deno.env.get(name) ?? "";
  };
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, resolve(value)]));
}

function shellNameIn(value: string): string | undefined {
  return /^env\((\w+)\)$/.exec(value)?.[1];
}
