/**
 * What happens at the simulator's Clerk, whichever interface it came through: it is remembered, and a webhook tells
 * of it.
 *
 * @module
 */
import { ClerkError } from "./errors.ts";
import { createId, rotateKey } from "./keys.ts";
import { codeEvent, type CodeMessage } from "./code_messages.ts";
import { createOrganizationChanges, type OrganizationChanges } from "./organizations/changes.ts";
import { createRoleChanges, type RoleChanges } from "./organizations/role_changes.ts";
import { checkPassword, hashPassword } from "./passwords.ts";
import { sessionObject } from "./sessions.ts";
import { type ClerkSession, removeUser, type State } from "./state.ts";
import type { Switches } from "./switches.ts";
import { createUser, updateUser, type User, type UserInput } from "./users.ts";
import type { Sender } from "./webhooks.ts";

/** What changes work on. */
export interface ChangesOptions {
  state: State;
  sender: Sender;
  switches: Switches;
  /** Called when the state changed. */
  changed: () => void;
}

/** What can happen. */
export interface Changes {
  createUser: (input: UserInput) => Promise<User>;
  updateUser: (user: User, input: UserInput) => Promise<User>;
  /** Answers as Clerk does for what is gone. */
  deleteUser: (user: User) => Record<string, unknown>;
  /** Begins a session, in a browser if there is one. */
  signIn: (user: User, clientId?: string) => ClerkSession;
  /** Ends a session. Clerk's webhook for this is not among those that the bundle subscribes to. */
  signOut: (session: ClerkSession) => void;
  /** Sends a code. The event carries it, as Clerk's does, so the timeline shows it; nothing else is sent. */
  sendCode: (code: CodeMessage) => void;
  /** Lets a session act for another organization, or for none. */
  activate: (session: ClerkSession, organizationId: string | undefined) => ClerkSession;
  /** Signs with a new key from now on. */
  rotateKeys: () => Promise<void>;
  organizations: OrganizationChanges;
  roles: RoleChanges;
}

/**
 * Makes changes possible.
 *
 * @param options State and sender.
 * @returns The changes.
 */
export function createChanges({ state, sender, switches, changed }: ChangesOptions): Changes {
  function tell(type: string, data: unknown): void {
    sender.send(type, { data, instance_id: state.instance.id, object: "event", timestamp: Date.now(), type });
    changed();
  }

  const organizations = createOrganizationChanges({ state, switches, tell });

  function store(type: "user.created" | "user.updated", user: User): User {
    state.users.set(user);
    tell(type, user);
    return user;
  }

  return {
    async createUser(input) {
      const hash = await readPassword(input);
      // Only now, because hashing takes long enough for another user to come.
      checkAddresses(state, input);
      const user = createUser(input, Date.now());
      if (hash) state.passwords.set(user.id, hash);
      return store("user.created", user);
    },
    async updateUser({ id }, input) {
      const hash = await readPassword(input);
      checkAddresses(state, input, id);
      const user = updateUser(findUser(state, id), input, Date.now());
      if (hash) state.passwords.set(id, hash);
      return store("user.updated", user);
    },
    deleteUser({ id }) {
      const deleted = { object: "user", id, deleted: true };
      organizations.withCascade(state.memberships.ofUser(id), () => {
        removeUser(state, id);
        tell("user.deleted", deleted);
      });
      return deleted;
    },
    signIn(user, clientId) {
      const session = { id: createId("sess"), userId: user.id, createdAt: Date.now(), ...(clientId && { clientId }) };
      state.sessions.set(session.id, session);
      state.users.set({ ...user, last_sign_in_at: session.createdAt });
      tell("session.created", sessionObject(state, session));
      return session;
    },
    signOut({ id }) {
      state.sessions.delete(id);
      changed();
    },
    sendCode(code) {
      tell(...codeEvent(code));
    },
    activate({ organizationId: _, ...session }, organizationId) {
      const activated = { ...session, ...(organizationId !== undefined && { organizationId }) };
      state.sessions.set(session.id, activated);
      changed();
      return activated;
    },
    async rotateKeys() {
      state.instance = await rotateKey(state.instance);
      changed();
    },
    organizations,
    roles: createRoleChanges({ state, tell }),
  };
}

/**
 * Finds a user.
 *
 * @param state Where.
 * @param id The user's id.
 * @returns The user.
 * @throws {ClerkError} 404 where there is none.
 */
export function findUser(state: State, id: string | undefined): User {
  const user = state.users.get(id ?? "");
  if (!user) throw new ClerkError(404, "resource_not_found", "No user was found with this id");
  return user;
}

async function readPassword({ password }: UserInput) {
  if (password === undefined) return undefined;
  checkPassword(password);
  return await hashPassword(password);
}

/** As Clerk does: an address belongs to one user. */
function checkAddresses(state: State, { email_address = [] }: UserInput, userId?: string): void {
  for (const address of email_address) {
    if ((state.users.findByAddress(address)?.id ?? userId) === userId) continue;
    throw new ClerkError(422, "form_identifier_exists", "That email address is taken. Please try another.", {
      param: "email_address",
    });
  }
}
