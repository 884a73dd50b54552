/**
 * The way to type a command: `npx clerk-supabase …` if the npm package started this process, otherwise `deno task …`.
 *
 * @module
 */

/** The variable in which `bin/clerk-supabase.mjs` passes the command that started it. */
export const STARTED_AS = "CLERK_SUPABASE_STARTED_AS";

/** The commands with their own task in `deno.json`; `deno task clerk` runs the others. */
const TASKS = ["add", "deploy", "dev", "remove", "types"];

/**
 * Returns a command as the user would type it, for messages.
 *
 * @param command The command and its arguments, such as `deploy --sources`.
 * @returns Such as `npx clerk-supabase deploy --sources`.
 */
export function commandLine(command: string): string {
  const startedAs = readStartedAs();
  if (startedAs !== undefined) return `${startedAs} ${command}`;
  return TASKS.includes(command.split(" ")[0]!) ? `deno task ${command}` : `deno task clerk ${command}`;
}

/** Reads the variable; a process that may not read it was not started by the package. */
function readStartedAs(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: STARTED_AS });
  return state === "granted" ? Deno.env.get(STARTED_AS) || undefined : undefined;
}
