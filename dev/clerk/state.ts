/**
 * Everything that the simulator remembers: it can be written to a file and read again.
 *
 * @module
 */
import { createInstance, type Instance } from "./keys.ts";
import type { Message } from "./webhooks.ts";
import type { User } from "./users.ts";

/** A user's session. */
export interface ClerkSession {
  id: string;
  userId: string;
  createdAt: number;
}

/** The simulator's memory. */
export interface State {
  instance: Instance;
  users: Map<string, User>;
  sessions: Map<string, ClerkSession>;
  /** Every webhook message, delivered or not. */
  messages: Map<string, Message>;
}

/**
 * Reads the state from a file, or begins a new one.
 *
 * @param file The file, if there is to be one.
 * @returns The state.
 */
export async function loadState(file: URL | undefined): Promise<State> {
  const saved = file && await readIfThere(file);
  if (!saved) return { instance: await createInstance(), users: new Map(), sessions: new Map(), messages: new Map() };
  const { instance, users, sessions, messages } = JSON.parse(saved);
  return { instance, users: new Map(users), sessions: new Map(sessions), messages: new Map(messages) };
}

/**
 * Writes the state, whole or not at all.
 *
 * @param file Where to; nowhere if undefined.
 * @param state The state.
 */
export async function saveState(file: URL | undefined, state: State): Promise<void> {
  if (!file) return;
  const { instance, users, sessions, messages } = state;
  const text = JSON.stringify({ instance, users: [...users], sessions: [...sessions], messages: [...messages] });
  const draft = new URL(`${file.href}.new`);
  // It holds the keys of a development instance; they are nobody else's business all the same.
  await Deno.writeTextFile(draft, text, { mode: 0o600 });
  await Deno.rename(draft, file);
}

async function readIfThere(file: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
