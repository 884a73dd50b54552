/**
 * The whole local stack in one process, and the functions in processes of their own: no Docker, no account, no
 * tunnel.
 *
 * @module
 */
import type { Instance, InstanceKind } from "./clerk/keys.ts";
import { type Simulator, startSimulator } from "./clerk/simulator.ts";
import type { Database } from "../project/database/connection.ts";
import { openDatabase } from "../project/database/database.ts";
import { createDataApi, type ProjectKeys } from "./gateway/data_api.ts";
import { createDemo, type DemoSettings } from "./gateway/demo.ts";
import { chooseClerk, type ClerkChoice } from "./gateway/clerk_choice.ts";
import { createGateway } from "./gateway/gateway.ts";
import { createIssuerKeys } from "./gateway/issuer_keys.ts";
import { createWorkers, type Workers, type WorkersOptions } from "./gateway/workers.ts";
import { type Address, listen, type Listener } from "../project/listen.ts";
import { type ProjectConfig, readProject } from "../project/project.ts";

/** What the stack takes. Ports may be 0 for any that is free. */
export interface StackOptions {
  project?: ProjectConfig;
  apiPort: number;
  clerkPort: number;
  /** The address that both listen on; 127.0.0.1 unless given. */
  address?: Address | undefined;
  /** A PostgreSQL to use instead of the embedded database. */
  databaseUrl?: string | undefined;
  /** The packed files that an embedded database in memory starts from; a new database if undefined. */
  databaseFrom?: Blob | undefined;
  /** Where state is kept; in memory if undefined. */
  folder?: URL | undefined;
  /** What runs the functions: the executable, and the arguments before the script. */
  deno: { executable: string; config: readonly string[] };
  /** The configuration of one function, if each has its own. */
  argumentsOf?: WorkersOptions["argumentsOf"];
  /** Milliseconds before each attempt of a webhook; Svix's schedule unless given. */
  schedule?: readonly number[];
  /** Whether the simulator has Clerk's rate limit. */
  rateLimit: boolean;
  /** What the simulator's instance is for; development unless given. */
  clerkKind?: InstanceKind | undefined;
  /** The keys of the simulator's instance, if it is a new one; new keys unless given. */
  instance?: Instance | undefined;
  /** Whether these keys replace those that the folder has. */
  renewKeys?: boolean | undefined;
  /** What a function's developer sets, in `.env` files. */
  ownVariables: (name?: string) => Promise<Record<string, string>>;
  /** What functions get on top; undefined takes a variable away. */
  variables?: Record<string, Record<string, string | undefined>>;
  /** Whether every function starts at once, or each when it is first called; at once unless given. */
  warm?: boolean;
  /** Whether functions may read no file and reach nothing but this machine. */
  sealed?: boolean | undefined;
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
  /** What functions find in their environment, with the project's public URL: for commands that operate the stack. */
  variables: () => Promise<Record<string, string>>;
  stop: () => Promise<void>;
}

/**
 * Starts the stack.
 *
 * @param options Ports, database, functions' variables.
 * @returns The stack, with its functions warm unless told otherwise.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const project = options.project ?? await readProject();
  // The ports first: where one is taken, nothing else has to be undone.
  const api = listen(options.apiPort, options.address);
  const clerkSide = listen(options.clerkPort, options.address);
  // Functions reach the platform at an address of their own, as they do under `supabase functions serve`: what they
  // tell callers must not be made of it.
  const inside = listen(0);
  const listeners = { api, clerkSide, inside };
  try {
    return await connect(options, project, listeners);
  } catch (error) {
    await closeAll(listeners);
    throw error;
  }
}

/** Where the stack listens. */
interface Listeners {
  api: Listener;
  clerkSide: Listener;
  /** The project's URL as the functions know it. */
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
  const keys: ProjectKeys = { publishable: "sb_publishable_local_development", secret: "sb_secret_local_development" };
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
    stop: async () => {
      await clerk.stop();
      await Promise.all([workers.stop(), closeAll(listeners)]);
      await database.close();
    },
  };
}

/** What the demo page may know. */
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

function withoutUndefined(variables: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
  );
}

/** What the platform puts into a function's environment. */
function platformVariables(url: string, keys: ProjectKeys): Record<string, string> {
  return {
    SUPABASE_URL: url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
  };
}
