/**
 * What the Frontend API shows of users, sessions and browsers.
 *
 * @module
 */
import type { Invitation } from "../organizations/invitations.ts";
import type { Membership } from "../organizations/memberships.ts";
import type { Organization } from "../organizations/organizations.ts";
import { sessionObject } from "../sessions.ts";
import type { ClerkClient, ClerkSession, State } from "../state.ts";
import type { Switches } from "../switches.ts";
import { mintSessionToken } from "../tokens.ts";
import { publicUserData, type User } from "../users.ts";
import { signInResource, signUpResource } from "./attempt_resources.ts";
import type { FindAttempts } from "./attempts.ts";
import { sessionsOf } from "./clients.ts";
import { invitationObject, membershipObject, organizationObject } from "../organizations/objects.ts";

/** What resources are made of. */
export interface ResourceOptions {
  state: State;
  switches: Switches;
  issuer: string;
  findAttempts: FindAttempts;
  /** The page's origin. */
  azp: string | undefined;
}

/**
 * A browser as clerk-js knows it.
 *
 * @param options State, issuer, origin.
 * @param client The browser.
 * @returns Clerk's object, with its sessions.
 */
export async function clientResource(options: ResourceOptions, client: ClerkClient): Promise<Record<string, unknown>> {
  const sessions = sessionsOf(options.state, client);
  const active = sessions.find(({ id }) => id === client.activeSessionId) ?? sessions.at(-1);
  const { signIn, signUp } = options.findAttempts(client);
  return {
    object: "client",
    id: client.id,
    sessions: await Promise.all(sessions.map((session) => sessionResource(options, session))),
    sign_in: signIn && signIn.status !== "complete" ? signInResource(options.state, signIn) : null,
    sign_up: signUp && signUp.status !== "complete" ? signUpResource(options.switches, signUp) : null,
    last_active_session_id: active?.id ?? null,
    last_authentication_strategy: null,
    cookie_expires_at: null,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
  };
}

/**
 * A session as clerk-js knows it: with its user, and a token that saves a request.
 *
 * @param options State, issuer, origin.
 * @param session The session.
 * @returns Clerk's object.
 */
export async function sessionResource(
  { state, switches, issuer, azp }: ResourceOptions,
  session: ClerkSession,
): Promise<Record<string, unknown>> {
  const user = state.users.get(session.userId)!;
  return {
    ...sessionObject(state, session),
    user: userResource(state, user),
    public_user_data: publicUserData(user),
    last_active_token: { object: "token", jwt: await mintSessionToken(state, { issuer, session, switches, azp }) },
  };
}

/**
 * A user as a page may see it.
 *
 * @param state The simulator's memory.
 * @param user The user.
 * @returns Clerk's object with its memberships, without what is for servers.
 */
export function userResource(state: State, { private_metadata: _, ...user }: User): Record<string, unknown> {
  const memberships = state.memberships.ofUser(user.id);
  return {
    ...user,
    organization_memberships: memberships.map((membership) => membershipResource(state, membership)),
  };
}

/**
 * A membership as a page may see it.
 *
 * @param state The simulator's memory.
 * @param membership The membership.
 * @returns Clerk's object with its organization and the role's permissions, without what is for servers.
 */
export function membershipResource(state: State, membership: Membership): Record<string, unknown> {
  const { private_metadata: _, organization, ...shown } = membershipObject(state, membership, true);
  return { ...shown, organization: withoutPrivate(organization as Record<string, unknown>) };
}

/**
 * An organization as a page may see it.
 *
 * @param state The simulator's memory.
 * @param organization The organization.
 * @returns Clerk's object with its counts, without what is for servers.
 */
export function organizationResource(state: State, organization: Organization): Record<string, unknown> {
  return withoutPrivate(organizationObject(state, organization, true));
}

/**
 * An invitation as a page may see it.
 *
 * @param state The simulator's memory.
 * @param invitation The invitation.
 * @returns Clerk's object with what the invited may know of the organization, without what is for servers.
 */
export function invitationResource(state: State, invitation: Invitation): Record<string, unknown> {
  const { id, name, slug, image_url, has_image } = state.organizations.get(invitation.organization_id)!;
  return {
    ...withoutPrivate(invitationObject(state, invitation)),
    public_organization_data: { id, name, slug, image_url, has_image },
  };
}

function withoutPrivate({ private_metadata: _, ...shown }: Record<string, unknown>): Record<string, unknown> {
  return shown;
}
