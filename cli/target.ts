/**
 * Which project a command is about, and with which keys.
 *
 * @module
 */
import { commandLine } from "../project/command_line.ts";
import { findProject } from "../project/find_project.ts";
import { readFunctionVariables } from "../project/function_variables.ts";
import { readRunningStack } from "../project/running_stack.ts";
import { type Env, isLoopback } from "../supabase/functions/_clerk-supabase/config.ts";
import { CommandError, ProjectError } from "../project/errors.ts";
import type { FindOptions, Target } from "./command_context.ts";

/**
 * Finds the project: the one of `SUPABASE_URL`, else the project's local stack that runs. The shell's variables come first; then,
 * for the local stack, what it gave its functions, and for any other project what is in `supabase/functions/.env`.
 *
 * @param shell The shell's variables.
 * @param options Where to look.
 * @returns The project.
 * @throws {CommandError} Where there is none.
 */
export async function findTarget(shell: Env, { url: fallback, project }: FindOptions = {}): Promise<Target> {
  const root = await findFolder(project);
  const running = shell("SUPABASE_URL") || !root ? undefined : await readRunningStack(root);
  const variables = running ?? (root ? await readOwnVariables(root) : {});
  const env = withSingleKeys((name) => shell(name) || variables[name]);
  const url = (env("SUPABASE_URL") ?? fallback)?.replace(/\/+$/, "");
  if (url === undefined) {
    throw new CommandError(
      "Cannot find a project: set SUPABASE_URL and SUPABASE_SECRET_KEY, or start the local stack by " +
        commandLine("dev"),
    );
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const local = parsed !== undefined && isLoopback(parsed.hostname);
  // The secret key goes there.
  if (!parsed || (parsed.protocol !== "https:" && !(parsed.protocol === "http:" && local))) {
    throw new CommandError("Cannot use SUPABASE_URL: expected https://<project-ref>.supabase.co");
  }
  return { url, local, env };
}

/** The shell's variables can name a hosted project from any folder. */
async function findFolder(given?: string): Promise<URL | undefined> {
  if (given !== undefined) return await findProject(given);
  return await findProject().catch(() => undefined);
}

/** What is wrong with a configuration may quote a secret in it, so it is not said here. */
async function readOwnVariables(root: URL): Promise<Record<string, string>> {
  try {
    return await readFunctionVariables(undefined, root);
  } catch (error) {
    if (error instanceof ProjectError) throw new CommandError("Cannot read supabase/config.toml: it is no valid TOML");
    throw error;
  }
}

/** In a shell, one key is easier to write than a JSON dictionary of them. */
function withSingleKeys(env: Env): Env {
  const single = (name: string) => {
    const key = env(name);
    return key ? JSON.stringify({ default: key }) : undefined;
  };
  return (name) => {
    if (name === "SUPABASE_SECRET_KEYS") return single("SUPABASE_SECRET_KEY") ?? env(name);
    if (name === "SUPABASE_PUBLISHABLE_KEYS") return single("SUPABASE_PUBLISHABLE_KEY") ?? env(name);
    return env(name);
  };
}

/** Names of the platform's variables, and those that are easier to write in a shell. */
const SHELL_NAMES: Record<string, string> = {
  SUPABASE_SERVICE_ROLE_KEY: "SUPABASE_SECRET_KEY",
  SUPABASE_SECRET_KEYS: "SUPABASE_SECRET_KEY",
  SUPABASE_ANON_KEY: "SUPABASE_PUBLISHABLE_KEY",
  SUPABASE_PUBLISHABLE_KEYS: "SUPABASE_PUBLISHABLE_KEY",
};

/**
 * The name under which people set a variable for these commands.
 *
 * @param variable The functions' name for it.
 * @returns The shell's.
 */
export function shellName(variable = "a variable"): string {
  return SHELL_NAMES[variable] ?? variable;
}
