/**
 * Everything that the simulator remembers: it can be written to a file and read again.
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
  /** The browser it is in; undefined where the Backend API began it. */
  clientId?: string;
  /** The organization that the user acts for; undefined for none. */
  organizationId?: string;
}

/** A session that has ended, which Clerk still shows to the Backend API. */
export interface EndedSession extends ClerkSession {
  status: "ended" | "removed" | "revoked";
  endedAt: number;
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
  organizations: OrganizationStore;
  memberships: MembershipStore;
  invitations: InvitationStore;
  /** By id. */
  roles: Map<string, Role>;
  /** By id. */
  permissions: Map<string, Permission>;
  /** The active ones, by id. */
  sessions: Map<string, ClerkSession>;
  /** Those of users that still exist, by id. */
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
 * Reads the state from a file, or begins a new one.
 *
 * @param file The file, if there is to be one.
 * @param kind What a new instance is for; a saved one stays what it is.
 * @param given The instance of a new state; one with new keys if undefined.
 * @returns The state.
 */
export async function loadState(file: URL | undefined, kind: InstanceKind, given?: Instance): Promise<State> {
  const saved = file && await readIfThere(file);
  const { instance, users = [], sessions, clients, passwords, messages, ...rest } = saved
    ? JSON.parse(saved)
    : { instance: given ?? await createInstance(kind) };
  // A file of an earlier version lacks fields that users have now.
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

/** What a file has of organizations: nothing if it is of an earlier version. */
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
 * Forgets a user, its sessions, sign-in tokens and memberships.
 *
 * @param state The state.
 * @param userId Whom.
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
 * Forgets an organization, its memberships and its invitations.
 *
 * @param state The state.
 * @param organizationId Which one.
 */
export function removeOrganization({ organizations, memberships, invitations }: State, organizationId: string): void {
  for (const { id } of memberships.ofOrganization(organizationId)) memberships.delete(id);
  for (const { id } of invitations.ofOrganization(organizationId)) invitations.delete(id);
  organizations.delete(organizationId);
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
  // It holds the keys and passwords of a development instance; they are nobody else's business all the same.
  await Deno.writeTextFile(draft, text, { mode: 0o600 });
  await Deno.rename(draft, file);
}
