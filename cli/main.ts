/**
 * `deno task clerk <command>`: what operators do by hand.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { readEnv } from "../supabase/functions/_shared/config.ts";
import { ApiError } from "../supabase/functions/_shared/errors.ts";
import { addBackfill, addReconcile } from "./reconcile/command.ts";
import { addSend } from "./send/command.ts";
import { addStatus } from "./status/command.ts";
import { CommandError, type Surroundings } from "./surroundings.ts";
import { findTarget } from "./target.ts";

function createProgram(surroundings: Surroundings): Command {
  const program = new Command("clerk")
    .usage("<command> [options]")
    .description("Operates the synchronisation of Clerk's users with a Supabase project.")
    .addHelpText("after", HELP)
    .exitOverride();
  for (const add of [addBackfill, addReconcile, addStatus, addSend]) add(program, surroundings);
  return program;
}

const HELP = `
The project is the local stack that runs, or the one that these variables name:
  SUPABASE_URL          https://<project-ref>.supabase.co
  SUPABASE_SECRET_KEY   sb_secret_… (Supabase dashboard → Settings → API keys)
Clerk's variables come from the shell, else from supabase/functions/.env.

Exit codes: 0 for success, 1 for a failure, 2 for wrong usage, 130 for Ctrl-C.`;

const stopping = new AbortController();

const surroundings: Surroundings = {
  findTarget: (url) => findTarget(readEnv, url),
  fetch: (url, init) => fetch(url, init),
  // deno-lint-ignore no-console -- a command-line tool
  print: (line) => console.log(line),
  // deno-lint-ignore no-console
  printError: (line) => console.error(line),
  terminal: Deno.stderr.isTerminal(),
  stop: stopping.signal,
  now: Date.now,
  sleep: (milliseconds) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      stopping.signal.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
    }),
};

/** Runs the command; tells the exit code. */
async function main(): Promise<number> {
  // The first Ctrl-C lets a command finish what it is about; the second ends it.
  Deno.addSignalListener("SIGINT", () => stopping.signal.aborted ? Deno.exit(130) : stopping.abort());
  try {
    await createProgram(surroundings).parseAsync(Deno.args, { from: "user" });
    return Number(Deno.exitCode);
  } catch (error) {
    // Commander has printed its own; help and version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // A reader of config.ts names the variable that is missing or malformed.
    if (!(error instanceof CommandError || error instanceof ApiError)) throw error;
    surroundings.printError(error.message);
    return 1;
  }
}

Deno.exit(await main());
