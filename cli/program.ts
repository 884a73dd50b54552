/**
 * The commands, put together.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { commandLine } from "../project/command_line.ts";
import { ApiError } from "../supabase/functions/_clerk-supabase/errors.ts";
import { addAdd } from "./adopt/add.ts";
import { addRemove } from "./adopt/remove.ts";
import { VERSION } from "../supabase/functions/_clerk-supabase/version.ts";
import { addDeploy } from "./deploy/command.ts";
import { addDoctor } from "./doctor/command.ts";
import { addBackfill, addReconcile } from "./reconcile/command.ts";
import { addSend } from "./send/command.ts";
import { addStatus } from "./status/command.ts";
import { addTypes } from "./types/command.ts";
import { CommandError, UsageError } from "../project/errors.ts";
import type { CommandContext } from "./command_context.ts";
import { shellName } from "./target.ts";

const HELP = `
A command works on the nearest folder upwards that has supabase/config.toml, or on --project <folder>. It asks the local
stack that runs for this project, or the hosted project that these variables name:
  SUPABASE_URL          https://<project-ref>.supabase.co
  SUPABASE_SECRET_KEY   sb_secret_… (Supabase dashboard → Settings → API keys)
deploy asks the project that supabase link has linked. add and remove ask nobody.
Clerk's variables come from the shell, else from supabase/functions/.env.

Exit codes: 0 for success, 1 for a failure, 2 for wrong usage, 130 for Ctrl-C.`;

/**
 * Runs a command.
 *
 * @param context Everything outside of the command.
 * @param args The arguments, such as `["status", "--json"]`.
 * @returns The exit code. What people can mend is printed as one line; anything else is thrown.
 */
export async function runProgram(context: CommandContext, args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram({ ...context, setExitCode: (code) => exitCode = code });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed its own; help ends with 0, where it was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // A reader of config.ts names the variable that is missing or malformed.
    const known = error instanceof CommandError || error instanceof UsageError || error instanceof ApiError;
    if (!known) throw error;
    context.printError(error instanceof ApiError ? describeVariable(error) : error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Under the name that people set in a shell. */
function describeVariable({ message, variable }: ApiError): string {
  return variable === undefined ? message : message.replace(variable, shellName(variable));
}

function createProgram(context: CommandContext): Command {
  const program: Command = new Command("clerk-supabase")
    .usage("<command> [options]")
    .version(VERSION)
    .description("Operates the synchronisation of Clerk's users with a Supabase project.")
    .addHelpText("after", HELP)
    .configureHelp({
      commandUsage: (command) => `${commandLine(command === program ? "" : command.name()).trim()} ${command.usage()}`,
    })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.printError(text.trimEnd()),
    });
  for (
    const add of [addDeploy, addDoctor, addBackfill, addReconcile, addStatus, addSend, addTypes, addAdd, addRemove]
  ) {
    add(program, context);
  }
  return program;
}
