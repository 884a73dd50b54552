/**
 * The simulator's state, which can be saved to a file.
 *
 * @module
 */
import { createInstance, type Instance, type InstanceKind } from "./keys.ts";
import type { Invitation } from "./organizations/invitations.ts";
import type { Membership } from "./organizations/memberships.ts";
import type { Organization } from "./organizations/organizations.ts";
import { defaultRoles, type Permission, type Role, systemPermissions } from "./organizations/roles.ts";
import { InvitationStore, MembershipStore, OrganizationStore } from "./organizations/stores.ts";
import type { PasswordHash } from "./passwords.ts";
import type { OAuthApplication } from "./oauth/applications.ts";
import type { OAuthGrant } from "./oauth/grants.ts";
import type { JwtTemplate } from "./jwt_templates.ts";
import type { SignInToken } from "./sign_in_tokens.ts";
import { UserStore } from "./user_store.ts";
import { type User, USER_DEFAULTS } from "./users.ts";
import type { Message } from "./webhooks.ts";
import { readIfThere } from "../../project/read_if_there.ts";

/** A user's session. */
export interface ClerkSession {
  id: string;
  userId: string;
  createdAt: number;
  /** The session's browser; undefined if the Backend API created the session. */
  clientId?: string;
  /** The active organization; undefined for none. */
  organizationId?: string;
}

/** A session that has ended. Clerk's Backend API still returns it. */
export interface EndedSession extends ClerkSession {
  status: "ended" | "removed" | "revoked";
  endedAt: number;
}

/** A browser, identified by its cookie. Sessions refer to their browser. */
export interface ClerkClient {
  id: string;
  createdAt: number;
  updatedAt: number;
  activeSessionId: string | null;
}

/** The simulator's state. */
export interface State {
  instance: Instance;
  users: UserStore;
  organizations: OrganizationStore;
  memberships: MembershipStore;
  invitations: InvitationStore;
  /** By id. */
  roles: Map<string, Role>;
  /** By id. */
  permissions: Map<string, Permission>;
  /** Active sessions by id. */
  sessions: Map<string, ClerkSession>;
  /** Ended sessions by id, of users that still exist. */
  endedSessions: Map<string, EndedSession>;
  /** By id. */
  signInTokens: Map<string, SignInToken>;
  /** By id. */
  jwtTemplates: Map<string, JwtTemplate>;
  /** By id. */
  oauthApplications: Map<string, OAuthApplication>;
  /** By id. */
  oauthGrants: Map<string, OAuthGrant>;
  /** By the value of the cookie. */
  clients: Map<string, ClerkClient>;
  /** By the user's id. */
  passwords: Map<string, PasswordHash>;
  /** Every webhook message, delivered or not. */
  messages: Map<string, Message>;
}

/**
 * Reads the state from a file, or returns a new state.
 *
 * @param file The file; undefined to keep the state in memory only.
 * @param kind The kind of a new instance; a saved instance keeps its kind.
 * @param given The instance of a new state; if undefined, an instance with new keys.
 * @returns The state.
 */
export async function loadState(file: URL | undefined, kind: InstanceKind, given?: Instance): Promise<State> {
  const saved = file && await readIfThere(file);
  const { instance, users = [], sessions, clients, passwords, messages, ...rest } = saved
    ? JSON.parse(saved)
    : { instance: given ?? await createInstance(kind) };
  // A file of an earlier version lacks newer fields of users.
  const savedUsers = users.map(([, user]: [string, User]) => ({ ...USER_DEFAULTS, ...user }));
  return {
    instance,
    users: new UserStore(savedUsers),
    ...loadOrganizations(rest),
    sessions: new Map(sessions),
    endedSessions: new Map(rest.endedSessions),
    signInTokens: new Map(rest.signInTokens),
    jwtTemplates: new Map(rest.jwtTemplates),
    oauthApplications: new Map(rest.oauthApplications),
    oauthGrants: new Map(rest.oauthGrants),
    clients: new Map(clients),
    passwords: new Map(passwords),
    messages: new Map(messages),
  };
}

/** Reads a file's organizations; a file of an earlier version has none. */
interface SavedOrganizations {
  organizations?: Organization[];
  memberships?: Membership[];
  invitations?: Invitation[];
  roles?: Role[];
  permissions?: Permission[];
}

function loadOrganizations({ organizations, memberships, invitations, ...saved }: SavedOrganizations) {
  const now = Date.now();
  const { roles = defaultRoles(now), permissions = systemPermissions(now) } = saved;
  return {
    organizations: new OrganizationStore(organizations),
    memberships: new MembershipStore(memberships),
    invitations: new InvitationStore(invitations),
    roles: new Map(roles.map((role) => [role.id, role])),
    permissions: new Map(permissions.map((permission) => [permission.id, permission])),
  };
}

/**
 * Deletes a user with its sessions, sign-in tokens and memberships.
 *
 * @param state The state.
 * @param userId The user's id.
 */
export function removeUser(state: State, userId: string): void {
  const { users, sessions, endedSessions, signInTokens, passwords, memberships } = state;
  for (const { id } of memberships.ofUser(userId)) memberships.delete(id);
  users.delete(userId);
  passwords.delete(userId);
  for (const known of [sessions, endedSessions]) {
    for (const { id, userId: owner } of known.values()) if (owner === userId) known.delete(id);
  }
  for (const { id, user_id } of signInTokens.values()) if (user_id === userId) signInTokens.delete(id);
}

/**
 * Deletes an organization with its memberships and invitations.
 *
 * @param state The state.
 * @param organizationId The organization's id.
 */
export function removeOrganization({ organizations, memberships, invitations }: State, organizationId: string): void {
  for (const { id } of memberships.ofOrganization(organizationId)) memberships.delete(id);
  for (const { id } of invitations.ofOrganization(organizationId)) invitations.delete(id);
  organizations.delete(organizationId);
}

/**
 * Writes the state atomically.
 *
 * @param file The file; if undefined, nothing is written.
 * @param state The state.
 */
export async function saveState(file: URL | undefined, state: State): Promise<void> {
  if (!file) return;
  const { instance, users, sessions, clients, passwords, messages } = state;
  const { organizations, memberships, invitations, roles, permissions } = state;
  const pairs = Array.from(users.values(), (user) => [user.id, user]);
  const text = JSON.stringify({
    instance,
    users: pairs,
    organizations: [...organizations.values()],
    memberships: [...memberships.values()],
    invitations: [...invitations.values()],
    roles: [...roles.values()],
    permissions: [...permissions.values()],
    sessions: [...sessions],
    endedSessions: [...state.endedSessions],
    signInTokens: [...state.signInTokens],
    jwtTemplates: [...state.jwtTemplates],
    oauthApplications: [...state.oauthApplications],
    oauthGrants: [...state.oauthGrants],
    clients: [...clients],
    passwords: [...passwords],
    messages: [...messages],
  });
  const draft = new URL(`${file.href}.new`);
  // The file holds the keys and password hashes of a development instance, so it is private to this user.
  await Deno.writeTextFile(draft, text, { mode: 0o600 });
  await Deno.rename(draft, file);
}
