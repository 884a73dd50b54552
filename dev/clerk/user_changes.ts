/**
 * Creates, updates and deletes users in the state and sends the webhooks.
 *
 * @module
 */
import { ClerkError, invalidParameter } from "./errors.ts";
import { isClaimed } from "./identifications.ts";
import type { OrganizationChanges } from "./organizations/changes.ts";
import { readDigest } from "./password_digests.ts";
import { checkPassword, hashPassword, type PasswordHash } from "./passwords.ts";
import { removeUser, type State } from "./state.ts";
import { createUser, newVersion, updateUser, type User, type UserInput } from "./users.ts";

/** Dependencies of the changes. */
export interface UserChangesOptions {
  state: State;
  organizations: OrganizationChanges;
  /** Sends a webhook and saves the state. */
  tell: (type: string, data: unknown) => void;
}

/** The changes to users. */
export interface UserChanges {
  createUser: (input: UserInput) => Promise<User>;
  updateUser: (user: User, input: UserInput) => Promise<User>;
  /** Replaces the fields that the function returns, in a new version. */
  changeUser: (user: User, change: (user: User) => Partial<User>) => User;
  /** Removes the user's password. */
  removePassword: (user: User) => User;
  /** Deletes a user and returns Clerk's answer. */
  deleteUser: (user: User) => Record<string, unknown>;
}

/**
 * Returns the changes to users.
 *
 * @param options State, sender, and the changes that follow a deletion.
 * @returns The changes.
 */
export function createUserChanges({ state, organizations, tell }: UserChangesOptions): UserChanges {
  function store(type: "user.created" | "user.updated", user: User): User {
    checkUnique(state, user);
    state.users.set(user);
    tell(type, user);
    return user;
  }

  return {
    async createUser(input) {
      const hash = await readPassword(input);
      // Checked only now, because another user may have been created while the password was hashed.
      const user = store("user.created", createUser(input, Date.now()));
      if (hash) state.passwords.set(user.id, hash);
      return user;
    },
    async updateUser({ id }, input) {
      const hash = await readPassword(input);
      const user = store("user.updated", updateUser(findUser(state, id), input, Date.now()));
      if (hash) state.passwords.set(id, hash);
      return user;
    },
    changeUser(user, change) {
      return store("user.updated", newVersion(user, change(user), Date.now()));
    },
    removePassword(user) {
      if (!user.password_enabled) return user;
      state.passwords.delete(user.id);
      return store("user.updated", newVersion(user, { password_enabled: false }, Date.now()));
    },
    deleteUser({ id, external_id }) {
      const deleted = { object: "user", id, deleted: true, ...(external_id !== null && { external_id }) };
      organizations.withCascade(state.memberships.ofUser(id), () => {
        removeUser(state, id);
        tell("user.deleted", deleted);
      });
      return deleted;
    },
  };
}

/**
 * Finds a user.
 *
 * @param state The simulator's state.
 * @param id The user's id.
 * @returns The user.
 * @throws {ClerkError} 404 if it does not exist.
 */
export function findUser(state: State, id: string | undefined): User {
  const user = state.users.get(id ?? "");
  if (!user) throw new ClerkError(404, "resource_not_found", "No user was found with this id");
  return user;
}

async function readPassword(input: UserInput): Promise<PasswordHash | undefined> {
  if (input.password_digest !== undefined) return readDigest(input.password_digest, input.password_hasher);
  if (input.password === undefined) return undefined;
  if (!input.skip_password_checks) checkPassword(input.password);
  return await hashPassword(input.password);
}

/**
 * Like Clerk, throws if another user has the same external id or can sign in with the same address, number or username.
 */
function checkUnique(state: State, { id, email_addresses, phone_numbers, username, external_id }: User): void {
  const { users } = state;
  for (const address of email_addresses.filter(isClaimed)) {
    const holder = users.findByAddress(address.email_address);
    if (holder && holder.id !== id) throw taken("email_address", "email address");
  }
  for (const number of phone_numbers.filter(isClaimed)) {
    const holders = users.findHolders("phone_number", number.phone_number).filter((user) => user.id !== id);
    const claims = holders.flatMap((user) => user.phone_numbers.filter(isClaimed));
    if (claims.some(({ phone_number }) => phone_number === number.phone_number)) {
      throw taken("phone_number", "phone number");
    }
  }
  for (const [handle, value] of [["username", username], ["external_id", external_id]] as const) {
    if (value === null) continue;
    if (users.findHolders(handle, value).some((user) => user.id !== id)) throw taken(handle, handle.replace("_", " "));
  }
}

function taken(param: string, name: string): ClerkError {
  return invalidParameter(param, `That ${name} is taken. Please try another.`, "form_identifier_exists");
}
