/**
 * Everything that the simulator remembers: it can be written to a file and read again.
 *
 * @module
 */
import { createInstance, type Instance, type InstanceKind } from "./keys.ts";
import type { PasswordHash } from "./passwords.ts";
import { UserStore } from "./user_store.ts";
import type { User } from "./users.ts";
import type { Message } from "./webhooks.ts";
import { readIfThere } from "../../project/read_if_there.ts";

/** A user's session. */
export interface ClerkSession {
  id: string;
  userId: string;
  createdAt: number;
  /** The browser it is in; undefined where the Backend API began it. */
  clientId?: string;
}

/** A browser, as Clerk knows it by its cookie. Its sessions say themselves that they are its. */
export interface ClerkClient {
  id: string;
  createdAt: number;
  updatedAt: number;
  activeSessionId: string | null;
}

/** The simulator's memory. */
export interface State {
  instance: Instance;
  users: UserStore;
  sessions: Map<string, ClerkSession>;
  /** By the value of the cookie. */
  clients: Map<string, ClerkClient>;
  /** By the user's id. */
  passwords: Map<string, PasswordHash>;
  /** Every webhook message, delivered or not. */
  messages: Map<string, Message>;
}

/**
 * Reads the state from a file, or begins a new one.
 *
 * @param file The file, if there is to be one.
 * @param kind What a new instance is for; a saved one stays what it is.
 * @returns The state.
 */
export async function loadState(file: URL | undefined, kind: InstanceKind): Promise<State> {
  const saved = file && await readIfThere(file);
  const { instance, users = [], sessions, clients, passwords, messages } = saved
    ? JSON.parse(saved)
    : { instance: await createInstance(kind) };
  const savedUsers = users.map(([, user]: [string, User]) => user);
  return {
    instance,
    users: new UserStore(savedUsers),
    sessions: new Map(sessions),
    clients: new Map(clients),
    passwords: new Map(passwords),
    messages: new Map(messages),
  };
}

/**
 * Forgets a user and its sessions.
 *
 * @param state The state.
 * @param userId Whom.
 */
export function removeUser({ users, sessions, passwords }: State, userId: string): void {
  users.delete(userId);
  passwords.delete(userId);
  for (const { id, userId: owner } of sessions.values()) if (owner === userId) sessions.delete(id);
}

/**
 * Writes the state, whole or not at all.
 *
 * @param file Where to; nowhere if undefined.
 * @param state The state.
 */
export async function saveState(file: URL | undefined, state: State): Promise<void> {
  if (!file) return;
  const { instance, users, sessions, clients, passwords, messages } = state;
  const pairs = Array.from(users.values(), (user) => [user.id, user]);
  const text = JSON.stringify({
    instance,
    users: pairs,
    sessions: [...sessions],
    clients: [...clients],
    passwords: [...passwords],
    messages: [...messages],
  });
  const draft = new URL(`${file.href}.new`);
  // It holds the keys and passwords of a development instance; they are nobody else's business all the same.
  await Deno.writeTextFile(draft, text, { mode: 0o600 });
  await Deno.rename(draft, file);
}
