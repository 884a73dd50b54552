/**
 * `clerk-supabase <command>`, or `deno task clerk <command>`: what people do by hand.
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
 * The first Ctrl-C lets a command say where it stopped; another one ends it. The terminal's own and the one that the
 * task runner hands on are the same one. So does whoever ends the job, or closes the terminal.
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
