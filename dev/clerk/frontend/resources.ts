/**
 * Formats users, sessions, browsers and organizations for the Frontend API.
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

/** Input of resources. */
export interface ResourceOptions {
  state: State;
  switches: Switches;
  issuer: string;
  findAttempts: FindAttempts;
  /** The page's origin. */
  azp: string | undefined;
}

/**
 * Returns a browser in the format of clerk-js.
 *
 * @param options State, issuer and origin.
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
 * Returns a session in the format of clerk-js: with its user, and with a token, which saves a request.
 *
 * @param options State, issuer and origin.
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
 * Returns the fields of a user that a page may see.
 *
 * @param state The simulator's state.
 * @param user The user.
 * @returns Clerk's object with the user's memberships, without private fields.
 */
export function userResource(state: State, { private_metadata: _, ...user }: User): Record<string, unknown> {
  const memberships = state.memberships.ofUser(user.id);
  return {
    ...user,
    organization_memberships: memberships.map((membership) => membershipResource(state, membership)),
  };
}

/**
 * Returns the fields of a membership that a page may see.
 *
 * @param state The simulator's state.
 * @param membership The membership.
 * @returns Clerk's object with the organization and the role's permissions, without private fields.
 */
export function membershipResource(state: State, membership: Membership): Record<string, unknown> {
  const { private_metadata: _, organization, ...shown } = membershipObject(state, membership, true);
  return { ...shown, organization: withoutPrivate(organization as Record<string, unknown>) };
}

/**
 * Returns the fields of an organization that a page may see.
 *
 * @param state The simulator's state.
 * @param organization The organization.
 * @returns Clerk's object with the counts, without private fields.
 */
export function organizationResource(state: State, organization: Organization): Record<string, unknown> {
  return withoutPrivate(organizationObject(state, organization, true));
}

/**
 * Returns the fields of an invitation that a page may see.
 *
 * @param state The simulator's state.
 * @param invitation The invitation.
 * @returns Clerk's object with the public data of the organization, without private fields.
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
