#!/usr/bin/env node
// deno-lint-ignore-file no-console -- a command-line tool
// Starts one command in Deno, with that command's own permissions. Only Node's own modules are used here.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const STARTED_AS = "npx clerk-supabase";
const bin = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const readJson = (path) => JSON.parse(readFileSync(join(bin, path), "utf8"));
const commands = readJson("commands.json");

/** The text of `--help` without a command. */
function help() {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(11)}${summary}`);
  return `Usage: ${STARTED_AS} <command> [options]

Syncs Clerk's users and organizations with a Supabase project.

Commands:
${lines.join("\n")}

${STARTED_AS} <command> --help explains a command. --version prints the version.
A command works on the nearest folder upwards that has supabase/config.toml, or on --project <folder>.`;
}

/** The executable itself: the script of the package `deno` would not pass signals on. */
function findDeno() {
  const folder = dirname(require.resolve("deno/package.json"));
  const executable = join(folder, process.platform === "win32" ? "deno.exe" : "deno");
  // Package managers that run no install scripts leave it out.
  return existsSync(executable) ? executable : require("deno/install_api.cjs").runInstall();
}

function start(name, args) {
  const { program, packages = program, permissions } = commands[name];
  const packed = (file) => join(bin, "packed", file);
  const child = spawn(findDeno(), [
    ...["run", "--quiet", "--no-prompt", ...permissions],
    ...["--config", packed(`${packages}.json`), "--lock", packed(`${packages}.lock`), "--frozen"],
    ...[join(bin, "..", program, "main.ts"), ...(program === "cli" ? [name] : []), ...args],
  ], {
    stdio: "inherit",
    env: { ...process.env, CLERK_SUPABASE_STARTED_AS: STARTED_AS, DENO_NO_UPDATE_CHECK: "1" },
  });
  // The command decides when to end. A terminal's Ctrl-C reaches it twice, which it takes for one.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(1, `Cannot start Deno: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(code, message) {
  console.error(message);
  process.exit(code);
}

const [name, ...args] = process.argv.slice(2);
const asksForHelp = name === "--help" || name === "-h" || (name === "help" && args.length === 0);
if (name === undefined) fail(2, help());
else if (asksForHelp) console.log(help());
else if (name === "--version" || name === "-V") console.log(readJson("../package.json").version);
else if (name === "help" && Object.hasOwn(commands, args[0])) start(args[0], ["--help"]);
else if (Object.hasOwn(commands, name)) start(name, args);
else fail(2, `Unknown command: ${name}. ${STARTED_AS} --help lists the commands`);
