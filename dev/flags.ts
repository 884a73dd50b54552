/**
 * The command line of `deno task dev`.
 *
 * @module
 */
import { parseArgs } from "node:util";

/** The text of `--help`. */
export const HELP = `deno task dev [options]

Runs the whole bundle on this machine: database, Data API, functions and a Clerk simulator.

  --port <number>        the project's URL                    (default: [api] port of supabase/config.toml)
  --clerk-port <number>  the Clerk simulator                  (default: 54350)
  --host <address>       listen on this address, such as 0.0.0.0 for a phone or a container (default: 127.0.0.1)
  --persist              keep users and database in .dev/     (default: forget on exit)
  --renew-keys           new keys of the Clerk simulator      (default: those of the last start)
  --write-env <folder>   write the stack's variables into .env.local of the app there, such as examples/react; may be
                         given more than once. docs/react.md, docs/nextjs.md, … have the lines of code beside them
  --help                 this text

DATABASE_URL=postgresql://… uses that PostgreSQL instead of the embedded database. It is prepared as the platform
would: roles, default privileges, the schema auth, and the migrations.
Variables of the functions: supabase/functions/.env`;

/** The options of a run. Port 0 is any free port. */
export interface Flags {
  apiPort: number;
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
 * @param defaultPort The project's port if `--port` is missing.
 * @returns The options.
 * @throws {TypeError} If a flag is unknown or a port is not a port; the message names the flag.
 */
export function readFlags(args: readonly string[], defaultPort: number): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: String(defaultPort) },
      "clerk-port": { type: "string", default: "54350" },
      host: { type: "string" },
      persist: { type: "boolean", default: false },
      "renew-keys": { type: "boolean", default: false },
      "write-env": { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  return {
    apiPort: readPort("--port", values.port),
    clerkPort: readPort("--clerk-port", values["clerk-port"]),
    host: values.host,
    persist: values.persist,
    renewKeys: values["renew-keys"],
    writeEnv: values["write-env"],
    help: values.help,
  };
}

function readPort(flag: string, value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65535) throw new TypeError(`Cannot use ${flag} ${value}: expected a port`);
  return port;
}
