/**
 * The entry point of `clerk-supabase <command>` and `deno task clerk <command>`.
 *
 * @module
 */
import { ROOT } from "../project/root.ts";
import { findProject } from "../project/find_project.ts";
import { configArguments, standInLinks, THIS_DENO } from "../project/jsr/config.ts";
import { readEnv } from "../supabase/functions/_clerk-supabase/config.ts";
import { removeSecretsFiles } from "./deploy/secrets.ts";
import { findSupabase } from "./deploy/supabase_cli.ts";
import { runProgram } from "./program.ts";
import { findTarget } from "./target.ts";

const stopping = new AbortController();

/**
 * Stops the command on the first Ctrl-C, so that it can report its progress; a second one ends the process. Signals
 * within a second count as one, because the task runner forwards the terminal's signal. SIGTERM and SIGHUP work alike.
 */
function stopOnSignals(): void {
  let stoppedAt = Infinity;
  const stop = () => {
    if (Date.now() - stoppedAt > 1_000) {
      removeSecretsFiles();
      Deno.exit(130);
    }
    stoppedAt = Math.min(stoppedAt, Date.now());
    stopping.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, stop);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    stopping.signal.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
  });
}

async function may(name: "run" | "write"): Promise<boolean> {
  return (await Deno.permissions.query({ name })).state === "granted";
}

stopOnSignals();
const exitCode = await runProgram({
  findTarget: (options) => findTarget(readEnv, options),
  fetch: (url, init) => fetch(url, init),
  // deno-lint-ignore no-console -- a command-line tool
  print: (line) => console.log(line),
  // deno-lint-ignore no-console
  printError: (line) => console.error(line),
  setExitCode: () => {},
  terminal: Deno.stderr.isTerminal(),
  stop: stopping.signal,
  now: Date.now,
  sleep,
  workplace: {
    root: ROOT,
    folder: Deno.cwd(),
    findProject,
    shell: readEnv,
    supabase: findSupabase(),
    packageArguments: () => configArguments(),
    standInLinks: () => standInLinks(THIS_DENO),
    may,
  },
}, Deno.args);
Deno.exit(exitCode);
