/**
 * A stand-in for Clerk: users change, webhooks go out, session tokens are minted. For development only; the
 * routes under `/v1` are those of Clerk's Backend API, under `/__clerk/v1` of its Frontend API, under `/dev` its own.
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

/** What the simulator takes. */
export interface SimulatorOptions {
  /** `http://host:port`, where it will be reached. */
  url: string;
  /** Where its webhooks go. */
  webhookEndpoint: string;
  /** Where it keeps what it knows; in memory if undefined. */
  file?: URL | undefined;
  /** Milliseconds before each delivery attempt; Svix's schedule unless given. */
  schedule?: readonly number[] | undefined;
  /** Whether the Backend API has Clerk's rate limit. */
  rateLimit: boolean;
  /** What a new instance is for; development unless given. */
  kind?: InstanceKind | undefined;
  /** The keys of a new instance; new ones unless given. */
  instance?: Instance | undefined;
  /** Whether the keys take the place of those that the file has. */
  renewKeys?: boolean | undefined;
}

/** A running simulator. */
export interface Simulator {
  fetch: (request: Request) => Promise<Response>;
  /** What a function needs to know of this Clerk. */
  variables: Record<string, string>;
  jwks: () => JSONWebKeySet;
  /** Signs in the user who signed in last, with a new token; undefined if there is no user. */
  signInLatest: () => Promise<SignedInUser | undefined>;
  state: State;
  sender: Sender;
  stop: () => Promise<void>;
}

/**
 * Starts a simulator. It opens no port itself.
 *
 * @param options Where it is and where webhooks go.
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
    delay: () => switches.delay,
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
      // The publishable key stands for https; here it is plain http on this machine.
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
