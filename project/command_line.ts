/**
 * How people type a command: `npx clerk-supabase …` if the npm package started it, else `deno task …`.
 *
 * @module
 */

/** The variable in which `bin/clerk-supabase.mjs` says how it was started. */
export const STARTED_AS = "CLERK_SUPABASE_STARTED_AS";

/** The commands that have a task of their own in `deno.json`; `deno task clerk` has the others. */
const TASKS = ["add", "deploy", "dev", "remove", "types"];

/**
 * Writes a command as the user would type it. Every message that names a command uses this.
 *
 * @param command The command and its arguments, such as `deploy --sources`.
 * @returns Such as `npx clerk-supabase deploy --sources`.
 */
export function commandLine(command: string): string {
  const startedAs = readStartedAs();
  if (startedAs !== undefined) return `${startedAs} ${command}`;
  return TASKS.includes(command.split(" ")[0]!) ? `deno task ${command}` : `deno task clerk ${command}`;
}

/** A process without permission to read the environment was not started by the package. */
function readStartedAs(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: STARTED_AS });
  return state === "granted" ? Deno.env.get(STARTED_AS) || undefined : undefined;
}
