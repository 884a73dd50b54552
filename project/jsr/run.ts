/**
 * Runs a Deno sub-command with the configuration that works here: `run.ts test tests/unit` is
 * `deno test tests/unit`, whether or not JSR can be reached.
 *
 * @module
 */
import { configArguments, STAND_INS_IN_USE } from "./config.ts";

const [subcommand = "help", ...rest] = Deno.args;
const config = await configArguments();
// deno-lint-ignore no-console -- a command-line tool
if (config.length > 0) console.error(STAND_INS_IN_USE);

const child = new Deno.Command(Deno.execPath(), { args: [subcommand, ...config, ...rest] }).spawn();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => {
    try {
      child.kill(signal);
    } catch {
      // It has ended already, by the same signal from the terminal.
    }
  });
}
Deno.exit((await child.status).code);
