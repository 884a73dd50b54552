/**
 * Starts the local stack in one process, and each function in its own: it needs no Docker, no account and no tunnel.
 *
 * @module
 */
import type { AppSettings } from "./apps/frameworks.ts";
import type { Instance, InstanceKind } from "./clerk/keys.ts";
import { type Simulator, startSimulator } from "./clerk/simulator.ts";
import type { Database } from "../project/database/connection.ts";
import { openDatabase } from "../project/database/database.ts";
import { createDataApi, type ProjectKeys } from "./gateway/data_api.ts";
import { createDemo, type DemoSettings } from "./gateway/demo.ts";
import { chooseClerk, type ClerkChoice } from "./gateway/clerk_choice.ts";
import { createGateway } from "./gateway/gateway.ts";
import { createSecretKey } from "./gateway/secret_key.ts";
import { createIssuerKeys } from "./gateway/issuer_keys.ts";
import { createWorkers, type Workers, type WorkersOptions } from "./gateway/workers.ts";
import { type Address, listen, type Listener } from "../project/listen.ts";
import { type ProjectConfig, readProject } from "../project/project.ts";

/** Options of the stack. Port 0 means any free port. */
export interface StackOptions {
  project?: ProjectConfig;
  apiPort: number;
  clerkPort: number;
  /** The address that both listen on (default: 127.0.0.1). */
  address?: Address | undefined;
  /** A PostgreSQL to use instead of the embedded database. */
  databaseUrl?: string | undefined;
  /** The packed files from which an in-memory database starts; a new database if undefined. */
  databaseFrom?: Blob | undefined;
  /** The folder that keeps the state; in memory if undefined. */
  folder?: URL | undefined;
  /** The executable that runs the functions, and its arguments before the script. */
  deno: { executable: string; config: readonly string[] };
  /** The configuration of one function, if each has its own. */
  argumentsOf?: WorkersOptions["argumentsOf"];
  /** Milliseconds before each attempt of a webhook (default: Svix's schedule). */
  schedule?: readonly number[];
  /** Whether the simulator enforces Clerk's rate limit. */
  rateLimit: boolean;
  /** The kind of the simulator's instance (default: development). */
  clerkKind?: InstanceKind | undefined;
  /** The keys of a new simulator instance; generated if undefined. */
  instance?: Instance | undefined;
  /** The project's secret key; generated if undefined. */
  secretKey?: string | undefined;
  /** Whether these keys replace the saved ones. */
  renewKeys?: boolean | undefined;
  /** Reads the variables that the developer sets for a function in `.env` files. */
  ownVariables: (name?: string) => Promise<Record<string, string>>;
  /** Variables that override all others; undefined removes a variable. */
  variables?: Record<string, Record<string, string | undefined>>;
  /** Whether every function starts with the stack (default) or on its first call. */
  warm?: boolean;
  /** Whether functions may not read files and may reach only this machine. */
  sealed?: boolean | undefined;
  /** Whether the functions' output may contain color codes; false unless given. */
  hasColors?: boolean | undefined;
  print: (line: string) => void;
}

/** A running stack. */
export interface Stack {
  /** The project's URL. */
  url: string;
  clerkUrl: string;
  keys: ProjectKeys;
  clerk: Simulator;
  database: Database;
  workers: Workers;
  /** The functions' environment, but with the project's public URL, for commands that operate the stack. */
  variables: () => Promise<Record<string, string>>;
  /** What an app that uses the stack finds in its environment. */
  appSettings: () => Promise<AppSettings>;
  stop: () => Promise<void>;
}

/**
 * Starts the stack.
 *
 * @param options Ports, database and the functions' variables.
 * @returns The running stack, with its functions started unless the options say otherwise.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const project = options.project ?? await readProject();
  // Claims the ports first: if one is taken, nothing else has to be undone.
  const api = listen(options.apiPort, options.address);
  const clerkSide = listen(options.clerkPort, options.address);
  // Functions reach the platform at a separate address, as under `supabase functions serve`, so they must not build
  // callers' URLs from it.
  const inside = listen(0);
  const listeners = { api, clerkSide, inside };
  try {
    return await connect(options, project, listeners);
  } catch (error) {
    await closeAll(listeners);
    throw error;
  }
}

/** The addresses that the stack listens on. */
interface Listeners {
  api: Listener;
  clerkSide: Listener;
  /** The project's URL inside the functions. */
  inside: Listener;
}

async function closeAll(listeners: Listeners): Promise<void> {
  await Promise.all(Object.values(listeners).map((listener: Listener) => listener.close()));
}

async function connect(
  options: StackOptions,
  project: ProjectConfig,
  listeners: Listeners,
): Promise<Stack> {
  const { api, clerkSide, inside } = listeners;
  const [database, clerk] = await Promise.all([
    openDatabase({
      root: project.root,
      url: options.databaseUrl,
      folder: options.folder && new URL("database", options.folder).pathname,
      from: options.databaseFrom,
    }),
    startSimulator({
      url: clerkSide.url,
      webhookEndpoint: `${api.url}/functions/v1/clerk-webhook`,
      file: options.folder && new URL("clerk.json", options.folder),
      schedule: options.schedule,
      rateLimit: options.rateLimit,
      kind: options.clerkKind,
      instance: options.instance,
      renewKeys: options.renewKeys,
    }),
  ]);
  const keys: ProjectKeys = {
    publishable: "sb_publishable_local_development",
    secret: options.secretKey ?? createSecretKey(),
  };
  const choose = async (name?: string) => chooseClerk(await options.ownVariables(name), clerk.variables);
  const jwks = createIssuerKeys(choose, clerk.jwks, (url, init) => fetch(url, init));
  const dataApi = createDataApi({ database, keys, jwks });
  const variablesAt = async (url: string, name?: string) => ({
    ...platformVariables(url, keys),
    ...(await choose(name)).variables,
  });
  const workers = createWorkers({
    functions: project.functions,
    environment: async (name) =>
      withoutUndefined({
        SUPABASE_FUNCTION_SLUG: name,
        ...await variablesAt(inside.url, name),
        ...options.variables?.[name],
      }),
    deno: options.deno,
    argumentsOf: options.argumentsOf,
    project: project.root,
    sealed: options.sealed,
    hasColors: options.hasColors,
    print: options.print,
  });
  const demo = createDemo(async () => demoSettings(api.url, clerkSide.url, keys, project, await choose()));
  const gateway = createGateway({
    url: api.url,
    dataApi,
    workers,
    functions: project.functions,
    keys,
    demo,
    read: database.read,
    readCaller: async () => (await choose()).real ? undefined : await clerk.signInLatest(),
  });
  api.serve(gateway);
  inside.serve(gateway);
  clerkSide.serve(clerk.fetch);
  if (options.warm ?? true) await workers.warm();
  clerk.sender.resume();
  return {
    url: api.url,
    clerkUrl: clerkSide.url,
    keys,
    clerk,
    database,
    workers,
    variables: () => variablesAt(api.url),
    appSettings: async () => appSettings(api.url, clerkSide.url, keys, await choose()),
    stop: async () => {
      await clerk.stop();
      await Promise.all([workers.stop(), closeAll(listeners)]);
      await database.close();
    },
  };
}

/** Returns the settings of the demo page. */
function demoSettings(
  url: string,
  simulator: string,
  keys: ProjectKeys,
  { functions }: ProjectConfig,
  { variables, real }: ClerkChoice,
): DemoSettings {
  return {
    url,
    publishableKey: keys.publishable,
    clerk: {
      publishableKey: variables.CLERK_PUBLISHABLE_KEY ?? "",
      proxyUrl: real ? null : `${simulator}/__clerk`,
      url: real ? null : simulator,
    },
    functions: [...functions.keys()],
  };
}

function appSettings(url: string, simulator: string, keys: ProjectKeys, { variables, real }: ClerkChoice): AppSettings {
  return {
    supabaseUrl: url,
    supabaseKey: keys.publishable,
    publishableKey: variables.CLERK_PUBLISHABLE_KEY ?? "",
    secretKey: variables.CLERK_SECRET_KEY,
    simulatorUrl: real ? undefined : simulator,
  };
}

function withoutUndefined(variables: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
  );
}

/** Returns the variables that the platform sets for every function. */
function platformVariables(url: string, keys: ProjectKeys): Record<string, string> {
  return {
    SUPABASE_URL: url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
  };
}
