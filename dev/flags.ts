/**
 * The command line of `dev`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { commandLine } from "../project/command_line.ts";

/** The text of `--help`. */
export const HELP = `${commandLine("dev")} [options]

Runs the project on this machine: database, Data API, functions and a Clerk simulator.

  --project <folder>     the project's folder                 (default: the nearest folder upwards with supabase/config.toml)
  --port <number>        the project's URL                    (default: [api] port of supabase/config.toml)
  --clerk-port <number>  the Clerk simulator                  (default: 54350)
  --host <address>       listen on this address, such as 0.0.0.0 for a phone or a container (default: 127.0.0.1)
  --persist              keep users and database between runs (default: discard them on exit)
  --renew-keys           new secret keys, also of simulated Clerk (default: those of the last start)
  --write-env <folder>   write the stack's variables into .env.local of the app there, such as examples/react; may be
                         given more than once. dev then prints the lines of code beside them, and the page about them
  --help                 this text

DATABASE_URL=postgresql://… uses that PostgreSQL instead of the embedded database and prepares it like the platform:
roles, default privileges, the schema auth and the migrations.
Set the functions' variables in supabase/functions/.env`;

/** The parsed command line. Port 0 means any free port. */
export interface Flags {
  /** The folder of `--project`; undefined if not given. */
  project: string | undefined;
  /** The port of `--port`; undefined if not given. */
  apiPort: number | undefined;
  clerkPort: number;
  /** The address to listen on; undefined for this machine only. */
  host: string | undefined;
  persist: boolean;
  renewKeys: boolean;
  /** Folders of apps, as they were given. */
  writeEnv: readonly string[];
  help: boolean;
}

/**
 * Reads the command line.
 *
 * @param args The arguments.
 * @returns The options.
 * @throws {TypeError} If a flag is unknown or a port is not a port; the message names the flag.
 */
export function readFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      project: { type: "string" },
      port: { type: "string" },
      "clerk-port": { type: "string", default: "54350" },
      host: { type: "string" },
      persist: { type: "boolean", default: false },
      "renew-keys": { type: "boolean", default: false },
      "write-env": { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  return {
    project: values.project,
    apiPort: values.port === undefined ? undefined : readPort("--port", values.port),
    clerkPort: readPort("--clerk-port", values["clerk-port"]),
    host: values.host,
    persist: values.persist,
    renewKeys: values["renew-keys"],
    writeEnv: values["write-env"],
    help: values.help,
  };
}

/**
 * Returns the flag that chooses another port than one that is in use.
 *
 * @param port The port in use.
 * @param flags The command line.
 * @returns The flag.
 */
export function portFlag(port: number, { apiPort, clerkPort }: Flags): string {
  return port === clerkPort && port !== apiPort ? "--clerk-port" : "--port";
}

function readPort(flag: string, value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65535) throw new TypeError(`Cannot use ${flag} ${value}: expected a port`);
  return port;
}
