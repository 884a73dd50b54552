/**
 * `deno task dev`: the local stack, until Ctrl-C.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { configArguments } from "../tools/jsr/config.ts";
import { PortTakenError } from "./listen.ts";
import { readProject, ROOT } from "./project.ts";
import { type Stack, startStack } from "./stack.ts";
import { watchFunctions } from "./watch.ts";

const HELP = `deno task dev [options]

Runs the whole bundle on this machine: database, Data API, functions and a Clerk simulator.

  --port <number>        the project's URL                    (default: [api] port of supabase/config.toml)
  --clerk-port <number>  the Clerk simulator                  (default: 54350)
  --persist              keep users and database in .dev/     (default: forget on exit)
  --help                 this text

DATABASE_URL=postgresql://… uses that PostgreSQL instead of the embedded database.
Variables of the functions: supabase/functions/.env`;

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

function readFlags(defaultPort: number) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      port: { type: "string", default: String(defaultPort) },
      "clerk-port": { type: "string", default: "54350" },
      persist: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    apiPort: readPort("--port", values.port),
    clerkPort: readPort("--clerk-port", values["clerk-port"]),
    persist: values.persist,
    help: values.help,
  };
}

function readPort(flag: string, value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65535) throw new TypeError(`Cannot use ${flag} ${value}: expected a port`);
  return port;
}

function describe({ url, clerkUrl, keys, clerk }: Stack, milliseconds: number): string {
  const { CLERK_SECRET_KEY, CLERK_PUBLISHABLE_KEY } = clerk.variables;
  return `
Ready in ${(milliseconds / 1000).toFixed(1)} s.

  Project URL        ${url}
  Publishable key    ${keys.publishable}
  Secret key         ${keys.secret}
  Functions          ${url}/functions/v1/<name>
  Clerk simulator    ${clerkUrl}   (webhook messages: ${clerkUrl}/dev/messages)
  Clerk keys         ${CLERK_PUBLISHABLE_KEY}
                     ${CLERK_SECRET_KEY}

Three commands to paste into another terminal. Create a user, get a session token, read the profile:

  curl -s ${clerkUrl}/v1/users -H 'authorization: Bearer ${CLERK_SECRET_KEY}' -H 'content-type: application/json' -d '{"email_address":["ada@example.com"],"first_name":"Ada"}'

  TOKEN=$(curl -s -X POST '${clerkUrl}/dev/token?email=ada@example.com')

  curl -s ${url}/functions/v1/profile -H "authorization: Bearer $TOKEN"

Ctrl-C stops everything.
`;
}

async function main(): Promise<void> {
  const project = await readProject();
  const { apiPort, clerkPort, persist, help } = readFlags(project.apiPort);
  if (help) return print(HELP);
  const started = performance.now();
  const denoConfig = await configArguments();
  const folder = persist ? new URL(".dev/", ROOT) : undefined;
  if (folder) await Deno.mkdir(folder, { recursive: true });
  const databaseUrl = Deno.env.get("DATABASE_URL");
  const stack = await startStack({ project, apiPort, clerkPort, folder, databaseUrl, denoConfig, print });
  const watcher = watchFunctions(() => {
    print("Functions changed: taking them over.");
    stack.workers.replace();
    stack.workers.warm();
  });
  print(describe(stack, performance.now() - started));
  await stopSignal();
  watcher.close();
  await stack.stop();
}

/** Resolves when this process is asked to stop, or when the one that started it is gone. */
function stopSignal(): Promise<void> {
  const parent = Deno.ppid;
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, () => resolve());
    setInterval(() => Deno.ppid !== parent && resolve(), 1_000);
  });
}

try {
  await main();
  Deno.exit(0);
} catch (error) {
  const hint = error instanceof PortTakenError ? ". Choose another with --port or --clerk-port" : "";
  // deno-lint-ignore no-console -- a command-line tool
  console.error(error instanceof Error && hint + error.name !== "Error" ? `${error.message}${hint}` : error);
  Deno.exit(1);
}
