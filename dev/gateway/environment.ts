/**
 * The functions' environment: the platform's variables, Clerk's, and what `supabase functions serve` reads too:
 * `config.toml`, and `.env` files, one for all functions and one for each.
 *
 * @module
 */
import { readEnvFile } from "../../project/env_file.ts";
import { readProject, ROOT, type Variables } from "../../project/project.ts";

/** Variables that say which Clerk instance this is. They must come from one place, or they contradict each other. */
const IDENTITY = [
  ...["CLERK_PUBLISHABLE_KEY", "CLERK_SECRET_KEY", "CLERK_WEBHOOK_SECRET", "CLERK_WEBHOOK_SIGNING_SECRET"],
  ...["CLERK_INSTANCE_ID", "CLERK_JWT_KEY", "CLERK_ISSUER", "CLERK_JWKS_URL", "CLERK_API_URL"],
];

/** Whose Clerk the functions talk to, and what to tell people about it. */
export interface ClerkChoice {
  variables: Record<string, string>;
  real: boolean;
  /** Names in `.env` that are not used. */
  ignored: string[];
}

/**
 * Reads what a function gets from files, the nearest last: `[edge_runtime.secrets]`, `supabase/functions/.env`,
 * `supabase/functions/<name>/.env`, `[functions.<name>.env]`. It skips names that begin with `SUPABASE_`, which belong
 * to the platform, and empty values, so that a copied `.env.example` changes nothing.
 *
 * @param name The function, or undefined for what all functions get.
 * @param root The repository.
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

/**
 * Chooses between the simulator and a real Clerk instance: the files' own where they have a publishable key.
 *
 * @param given What the files say.
 * @param simulator What the simulator says.
 * @returns The functions' variables, those of the files that are about something else included.
 */
export function chooseClerk(given: Record<string, string>, simulator: Record<string, string>): ClerkChoice {
  if (given.CLERK_PUBLISHABLE_KEY !== undefined) return { variables: given, real: true, ignored: [] };
  const ignored = IDENTITY.filter((name) => name in given);
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !IDENTITY.includes(name)));
  return { variables: { ...rest, ...simulator }, real: false, ignored };
}

function resolveVariables(variables: Variables = {}): Record<string, string> {
  const resolve = (value: string) => {
    const name = /^env\((\w+)\)$/.exec(value)?.[1];
    return name === undefined ? value : Deno.env.get(name) ?? "";
  };
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, resolve(value)]));
}
