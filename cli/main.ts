/**
 * `deno task clerk <command>`: what operators do by hand.
 *
 * @module
 */
import { ROOT } from "../dev/project.ts";
import { readEnv } from "../supabase/functions/_shared/config.ts";
import { findSupabase } from "./deploy/supabase_cli.ts";
import { runProgram } from "./program.ts";
import { findTarget } from "./target.ts";

const stopping = new AbortController();

/**
 * The first Ctrl-C lets a command say where it stopped; another one ends it. The terminal's own and the one that the
 * task runner hands on are the same one.
 */
function stopOnInterrupt(): void {
  let stoppedAt = Infinity;
  Deno.addSignalListener("SIGINT", () => {
    if (Date.now() - stoppedAt > 1_000) Deno.exit(130);
    stoppedAt = Math.min(stoppedAt, Date.now());
    stopping.abort();
  });
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    stopping.signal.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
  });
}

stopOnInterrupt();
const exitCode = await runProgram({
  findTarget: (url) => findTarget(readEnv, url),
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
  workplace: { root: ROOT, shell: readEnv, supabase: findSupabase() },
}, Deno.args);
Deno.exit(exitCode);
