/**
 * Runs a Deno sub-command with the configuration for this machine: `run.ts test tests/unit` runs `deno test
 * tests/unit`, even if JSR does not answer. With `--room=dev` before the sub-command, Deno fetches only the packages of
 * that room.
 *
 * @module
 */
import { configArguments, jsrAnswers, STAND_INS_IN_USE, THIS_DENO } from "./config.ts";
import { type Room, ROOMS } from "./room_lock.ts";

const args = [...Deno.args];
const [, room] = /^--room=(.*)$/.exec(args[0] ?? "") ?? [];
if (room !== undefined) args.shift();
if (room !== undefined && !Object.hasOwn(ROOMS, room)) throw new TypeError(`Cannot run --room=${room}: no such room`);
const [subcommand = "help", ...rest] = args;
const config = await configArguments(THIS_DENO, room === undefined ? undefined : { room: room as Room });
// deno-lint-ignore no-console -- a command-line tool
if (!await jsrAnswers()) console.error(STAND_INS_IN_USE);

const child = new Deno.Command(Deno.execPath(), { args: [subcommand, ...config, ...rest] }).spawn();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => {
    try {
      child.kill(signal);
    } catch {
      // The same signal from the terminal has already ended it.
    }
  });
}
Deno.exit((await child.status).code);
