/**
 * Simulates Clerk for development: it stores users, sends webhooks and signs session tokens. `/v1` has the routes of
 * Clerk's Backend API, `/__clerk/v1` those of its Frontend API, and `/dev` the simulator's own.
 *
 * @module
 */
import type { JSONWebKeySet } from "jose";
import { createChanges } from "./changes.ts";
import { type SignedInUser, signInLatest } from "./latest_user.ts";
import { createHandshakes } from "./handshakes.ts";
import { type Instance, type InstanceKind, kindOf, publicKeys, publishableKey } from "./keys.ts";
import { createRateLimit, RATE_LIMITS } from "./rate_limit.ts";
import { createRoutes } from "./routes.ts";
import { loadState, saveState, type State } from "./state.ts";
import { createSwitches } from "./switches.ts";
import { createSender, type Sender } from "./webhooks.ts";

/** Options of the simulator. */
export interface SimulatorOptions {
  /** The simulator's public URL, `http://host:port`. */
  url: string;
  /** The URL that receives the webhooks. */
  webhookEndpoint: string;
  /** The file that keeps the state; in memory if undefined. */
  file?: URL | undefined;
  /** Milliseconds before each delivery attempt (default: Svix's schedule). */
  schedule?: readonly number[] | undefined;
  /** Whether the Backend API enforces Clerk's rate limit. */
  rateLimit: boolean;
  /** The kind of a new instance (default: development). */
  kind?: InstanceKind | undefined;
  /** The keys of a new instance; generated if undefined. */
  instance?: Instance | undefined;
  /** Whether the keys replace those in the file. */
  renewKeys?: boolean | undefined;
}

/** A running simulator. */
export interface Simulator {
  fetch: (request: Request) => Promise<Response>;
  /** The variables that point a function to this simulator. */
  variables: Record<string, string>;
  jwks: () => JSONWebKeySet;
  /** Returns the user who signed in last, with a new token; undefined without users. */
  signInLatest: () => Promise<SignedInUser | undefined>;
  state: State;
  sender: Sender;
  stop: () => Promise<void>;
}

/**
 * Starts a simulator without opening a port: its handler is served by the caller.
 *
 * @param options URLs, state file and rate limit.
 * @returns The simulator.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { url, webhookEndpoint, file, schedule } = options;
  const state = await loadState(file, options.kind ?? "test", options.instance);
  if (options.renewKeys && options.instance) state.instance = options.instance;
  const kind = kindOf(state.instance);
  let saving = Promise.resolve();
  const changed = () => {
    saving = saving.then(() => saveState(file, state));
  };
  const switches = createSwitches();
  const sender = createSender({
    endpoint: webhookEndpoint,
    secret: state.instance.webhookSecret,
    messages: state.messages,
    delayMs: () => switches.delayMs,
    changed,
    ...(schedule && { schedule }),
  });
  changed();
  const key = publishableKey(kind, new URL(url).host);
  const changes = createChanges({ state, sender, switches, changed });
  return {
    fetch: createRoutes({
      state,
      changes,
      sender,
      switches,
      issuer: url,
      publishableKey: key,
      handshakes: createHandshakes(),
      rateLimit: options.rateLimit ? createRateLimit(RATE_LIMITS[kind], Date.now) : undefined,
    }),
    variables: {
      CLERK_PUBLISHABLE_KEY: key,
      CLERK_SECRET_KEY: state.instance.secretKey,
      CLERK_WEBHOOK_SECRET: state.instance.webhookSecret,
      CLERK_API_URL: url,
      // Clients derive an https URL from the publishable key, but the simulator uses plain http.
      CLERK_ISSUER: url,
    },
    jwks: () => publicKeys(state.instance),
    signInLatest: () => signInLatest({ state, changes, switches, issuer: url }),
    state,
    sender,
    stop: async () => {
      await sender.stop();
      await saving;
    },
  };
}
