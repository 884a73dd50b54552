/**
 * Finds the project that a command works on, and its keys.
 *
 * @module
 */
import { commandLine } from "../project/command_line.ts";
import { findProject } from "../project/find_project.ts";
import { readFunctionVariables, variablesFromShell } from "../project/function_variables.ts";
import { readRunningStack } from "../project/running_stack.ts";
import { type Env, isLoopback } from "../supabase/functions/_clerk-supabase/config.ts";
import { CommandError, ProjectError } from "../project/errors.ts";
import type { FindOptions, Target } from "./command_context.ts";

/**
 * Finds the project: the one of `SUPABASE_URL`, or else the folder's running local stack. The shell's variables take
 * precedence; the others come from the running stack, or for any other project from `supabase/functions/.env`. A running
 * stack keeps its own URL and keys. A secret of the shell goes only to an address of the shell or to the default one,
 * because a downloaded project could name its author's server.
 *
 * @param shell The shell's variables.
 * @param options The value of `--project`, and a fallback URL.
 * @returns The project.
 * @throws {CommandError} If there is no project.
 */
export async function findTarget(shell: Env, { url: fallback, project }: FindOptions = {}): Promise<Target> {
  const root = await findFolder(project);
  const running = shell("SUPABASE_URL") || !root ? undefined : await readRunningStack(root);
  const own = running || !root ? { variables: running ?? {} } : await readOwnVariables(root);
  const env = withSingleKeys(withoutForeignAddresses(shell, own, running !== undefined));
  const url = (env("SUPABASE_URL") ?? fallback)?.replace(/\/+$/, "");
  if (url === undefined) {
    throw new CommandError(
      "Cannot find a project: set SUPABASE_URL and SUPABASE_SECRET_KEY, or start the local stack with " +
        commandLine("dev"),
    );
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const local = running !== undefined || (parsed !== undefined && isLoopback(parsed.hostname));
  // Requests to this URL carry the secret key.
  if (!parsed || (parsed.protocol !== "https:" && !(parsed.protocol === "http:" && local))) {
    throw new CommandError("Cannot use SUPABASE_URL: expected https://<project-ref>.supabase.co");
  }
  return { url, local, env };
}

/** Without a project folder, the shell's variables can still name a hosted project. */
async function findFolder(given?: string): Promise<URL | undefined> {
  if (given !== undefined) return await findProject(given);
  return await findProject().catch(() => undefined);
}

/** The variables of the project's files, or of its running stack. */
interface OwnVariables {
  variables: Record<string, string>;
  /** Those whose value is the shell's. */
  fromShell?: ReadonlySet<string>;
}

/** Reads the project's variables. The parser's message may quote a secret, so it is not repeated. */
async function readOwnVariables(root: URL): Promise<OwnVariables> {
  try {
    return { variables: await readFunctionVariables(undefined, root), fromShell: await variablesFromShell(root) };
  } catch (error) {
    if (error instanceof ProjectError) throw new CommandError("Cannot read supabase/config.toml: it is not valid TOML");
    throw error;
  }
}

/** The secret that commands send to an address. SUPABASE_URL never comes from a project's files. */
const SENT_TO: Record<string, string> = { CLERK_API_URL: "CLERK_SECRET_KEY" };

function withoutForeignAddresses(shell: Env, { variables, fromShell }: OwnVariables, isRunning: boolean): Env {
  return (name) => {
    if (isRunning && name.startsWith("SUPABASE_")) return variables[name];
    const secret = SENT_TO[name];
    const isShellSecret = secret !== undefined && (Boolean(shell(secret)) || fromShell?.has(secret) === true);
    return shell(name) || (isShellSecret ? undefined : variables[name]);
  };
}

/** Accepts single keys, which are easier to set in a shell than a JSON dictionary of keys. */
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

/** The platform's variables, and their shorter names in a shell. */
const SHELL_NAMES: Record<string, string> = {
  SUPABASE_SERVICE_ROLE_KEY: "SUPABASE_SECRET_KEY",
  SUPABASE_SECRET_KEYS: "SUPABASE_SECRET_KEY",
  SUPABASE_ANON_KEY: "SUPABASE_PUBLISHABLE_KEY",
  SUPABASE_PUBLISHABLE_KEYS: "SUPABASE_PUBLISHABLE_KEY",
};

/**
 * Returns the name under which people set a variable for these commands.
 *
 * @param variable Its name in the functions.
 * @returns Its name in the shell.
 */
export function shellName(variable = "a variable"): string {
  return SHELL_NAMES[variable] ?? variable;
}
