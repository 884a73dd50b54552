/**
 * Composes the commands into one program.
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
import { describeFailure, UsageError } from "../project/errors.ts";
import type { CommandContext } from "./command_context.ts";
import { shellName } from "./target.ts";

const HELP = `
A command works on the nearest folder upwards that has supabase/config.toml, or on --project <folder>. It uses the local
stack that is running for this project, or the hosted project that these variables name:
  SUPABASE_URL          https://<project-ref>.supabase.co
  SUPABASE_SECRET_KEY   sb_secret_… (Supabase dashboard → Settings → API keys)
deploy uses the project that supabase link has linked. add and remove need no project online.
Clerk's variables come from the shell, or else from supabase/functions/.env.

Exit codes: 0 for success, 1 for a failure, 2 for wrong usage, 130 for Ctrl-C.`;

/**
 * Runs a command.
 *
 * @param context Everything outside of the command.
 * @param args The arguments, such as `["status", "--json"]`.
 * @returns The exit code. An error that the user can fix is printed as one line; any other is thrown.
 */
export async function runProgram(context: CommandContext, args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram({ ...context, setExitCode: (code) => exitCode = code });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed its own message; requested help ends with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // An ApiError comes from a reader of config.ts, and names the missing or malformed variable.
    const message = error instanceof ApiError ? describeVariable(error) : describeFailure(error);
    if (message === undefined) throw error;
    context.printError(message);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Names the variable as people set it in a shell. */
function describeVariable({ message, variable }: ApiError): string {
  return variable === undefined ? message : message.replace(variable, shellName(variable));
}

function createProgram(context: CommandContext): Command {
  const program: Command = new Command("clerk-supabase")
    .usage("<command> [options]")
    .version(VERSION)
    .description("Sync Clerk's users to a Supabase project: set up, check, deploy and repair.")
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
