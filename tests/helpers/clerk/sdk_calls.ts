/**
 * A call of each method of `@clerk/backend` that the simulator has; each must succeed.
 *
 * @module
 */
import type { ClerkClient } from "@clerk/backend";

/** What the calls are about. */
export interface Subjects {
  /** A user with an address, a number, a password and the role `org:admin`. */
  userId: string;
  /** A user in no organization. */
  otherId: string;
  organizationId: string;
  roleId: string;
  permissionId: string;
  /** A session of the user. */
  sessionId: string;
  /** The value of a browser's cookie, and the browser's id. */
  clientToken: string;
  clientId: string;
  /** What a page load brings back from a handshake. */
  handshakeNonce: string;
  oauthApplicationId: string;
  /** One of the application's tokens. */
  accessToken: string;
  /** Makes a user who can be spoiled. */
  newUser: () => Promise<string>;
}

type Call = (clerk: ClerkClient, subjects: Subjects) => Promise<unknown>;

const USERS: Record<string, Call> = {
  "users.getUserList": ({ users }, { userId }) => users.getUserList({ userId: [userId] }),
  "users.getUser": ({ users }, { userId }) => users.getUser(userId),
  "users.getCount": ({ users }) => users.getCount({ query: "a" }),
  "users.createUser": ({ users }) => users.createUser({ emailAddress: ["new@example.com"] }),
  "users.updateUser": ({ users }, { userId }) => users.updateUser(userId, { firstName: "Ada" }),
  "users.replaceUserEmailAddress": async ({ users }, { newUser }) =>
    users.replaceUserEmailAddress(await newUser(), { emailAddress: "replaced@example.com" }),
  "users.replaceUserPhoneNumber": async ({ users }, { newUser }) =>
    users.replaceUserPhoneNumber(await newUser(), { phoneNumber: "+15555550111" }),
  "users.updateUserMetadata": ({ users }, { userId }) => users.updateUserMetadata(userId, { publicMetadata: { a: 1 } }),
  "users.replaceUserMetadata": ({ users }, { userId }) =>
    users.replaceUserMetadata(userId, { publicMetadata: { b: 1 } }),
  "users.deleteUser": async ({ users }, { newUser }) => users.deleteUser(await newUser()),
  "users.getOrganizationMembershipList": ({ users }, { userId }) => users.getOrganizationMembershipList({ userId }),
  "users.getOrganizationInvitationList": ({ users }, { userId }) => users.getOrganizationInvitationList({ userId }),
  "users.verifyPassword": ({ users }, { userId }) => users.verifyPassword({ userId, password: "correct horse" }),
  "users.removePassword": async ({ users }, { newUser }) => users.removePassword(await newUser()),
  "users.banUser": async ({ users }, { newUser }) => users.banUser(await newUser()),
  "users.unbanUser": async ({ users }, { newUser }) => users.unbanUser(await newUser()),
  "users.lockUser": async ({ users }, { newUser }) => users.lockUser(await newUser()),
  "users.unlockUser": async ({ users }, { newUser }) => users.unlockUser(await newUser()),
};

const IDENTIFICATIONS: Record<string, Call> = {
  "emailAddresses.createEmailAddress": ({ emailAddresses }, { userId }) =>
    emailAddresses.createEmailAddress({ userId, emailAddress: "second@example.com" }),
  "emailAddresses.getEmailAddress": async ({ emailAddresses, users }, { userId }) =>
    emailAddresses.getEmailAddress((await users.getUser(userId)).primaryEmailAddressId!),
  "emailAddresses.updateEmailAddress": async ({ emailAddresses, users }, { userId }) =>
    emailAddresses.updateEmailAddress((await users.getUser(userId)).primaryEmailAddressId!, { verified: true }),
  "emailAddresses.deleteEmailAddress": async ({ emailAddresses, users }, { newUser }) =>
    emailAddresses.deleteEmailAddress((await users.getUser(await newUser())).primaryEmailAddressId!),
  "phoneNumbers.createPhoneNumber": ({ phoneNumbers }, { userId }) =>
    phoneNumbers.createPhoneNumber({ userId, phoneNumber: "+15555550122" }),
  "phoneNumbers.getPhoneNumber": async ({ phoneNumbers, users }, { userId }) =>
    phoneNumbers.getPhoneNumber((await users.getUser(userId)).primaryPhoneNumberId!),
  "phoneNumbers.updatePhoneNumber": async ({ phoneNumbers, users }, { userId }) =>
    phoneNumbers.updatePhoneNumber((await users.getUser(userId)).primaryPhoneNumberId!, { verified: true }),
  "phoneNumbers.deletePhoneNumber": async ({ phoneNumbers, users }, { userId }) =>
    phoneNumbers.deletePhoneNumber((await users.getUser(userId)).primaryPhoneNumberId!),
};

const SESSIONS: Record<string, Call> = {
  "sessions.getSessionList": ({ sessions }, { userId }) => sessions.getSessionList({ userId }),
  "sessions.getSession": ({ sessions }, { sessionId }) => sessions.getSession(sessionId),
  "sessions.createSession": ({ sessions }, { userId }) => sessions.createSession({ userId }),
  "sessions.revokeSession": async ({ sessions }, { userId }) =>
    sessions.revokeSession((await sessions.createSession({ userId })).id),
  "sessions.getToken": ({ sessions }, { sessionId }) => sessions.getToken(sessionId),
  "signInTokens.createSignInToken": ({ signInTokens }, { userId }) =>
    signInTokens.createSignInToken({ userId, expiresInSeconds: 60 }),
  "signInTokens.revokeSignInToken": async ({ signInTokens }, { userId }) =>
    signInTokens.revokeSignInToken((await signInTokens.createSignInToken({ userId, expiresInSeconds: 60 })).id),
  "testingTokens.createTestingToken": ({ testingTokens }) => testingTokens.createTestingToken(),
  "clients.getClientList": ({ clients }) => clients.getClientList(),
  "clients.getClient": ({ clients }, { clientId }) => clients.getClient(clientId),
  "clients.verifyClient": ({ clients }, { clientToken }) => clients.verifyClient(clientToken),
  "clients.getHandshakePayload": ({ clients }, { handshakeNonce }) =>
    clients.getHandshakePayload({ nonce: handshakeNonce }),
  "jwks.getJwks": ({ jwks }) => jwks.getJwks(),
  "jwtTemplates.list": ({ jwtTemplates }) => jwtTemplates.list(),
  "jwtTemplates.create": ({ jwtTemplates }) => jwtTemplates.create({ name: "first", claims: {} }),
  "jwtTemplates.get": async ({ jwtTemplates }) =>
    jwtTemplates.get((await jwtTemplates.create({ name: "second", claims: {} })).id),
  "jwtTemplates.update": async ({ jwtTemplates }) =>
    jwtTemplates.update({
      ...{ templateId: (await jwtTemplates.create({ name: "third", claims: {} })).id, name: "third", claims: { a: 1 } },
    }),
  "jwtTemplates.delete": async ({ jwtTemplates }) =>
    jwtTemplates.delete((await jwtTemplates.create({ name: "fourth", claims: {} })).id),
};

const ORGANIZATIONS: Record<string, Call> = {
  "organizations.getOrganizationList": ({ organizations }) => organizations.getOrganizationList(),
  "organizations.createOrganization": ({ organizations }) => organizations.createOrganization({ name: "New" }),
  "organizations.getOrganization": ({ organizations }, { organizationId }) =>
    organizations.getOrganization({ organizationId }),
  "organizations.updateOrganization": ({ organizations }, { organizationId }) =>
    organizations.updateOrganization(organizationId, { name: "Renamed" }),
  "organizations.updateOrganizationMetadata": ({ organizations }, { organizationId }) =>
    organizations.updateOrganizationMetadata(organizationId, { publicMetadata: {} }),
  "organizations.replaceOrganizationMetadata": ({ organizations }, { organizationId }) =>
    organizations.replaceOrganizationMetadata(organizationId, { publicMetadata: {} }),
  "organizations.deleteOrganization": async ({ organizations }) =>
    organizations.deleteOrganization((await organizations.createOrganization({ name: "Short" })).id),
  "organizations.getOrganizationMembershipList": ({ organizations }, { organizationId }) =>
    organizations.getOrganizationMembershipList({ organizationId }),
  "organizations.getInstanceOrganizationMembershipList": ({ organizations }) =>
    organizations.getInstanceOrganizationMembershipList({}),
  "organizations.createOrganizationMembership": ({ organizations }, { organizationId, otherId }) =>
    organizations.createOrganizationMembership({ organizationId, userId: otherId, role: "org:member" }),
  "organizations.updateOrganizationMembership": ({ organizations }, { organizationId, otherId }) =>
    organizations.updateOrganizationMembership({ organizationId, userId: otherId, role: "org:admin" }),
  "organizations.updateOrganizationMembershipMetadata": ({ organizations }, { organizationId, otherId }) =>
    organizations.updateOrganizationMembershipMetadata({ organizationId, userId: otherId, publicMetadata: {} }),
  "organizations.deleteOrganizationMembership": ({ organizations }, { organizationId, otherId }) =>
    organizations.deleteOrganizationMembership({ organizationId, userId: otherId }),
  "organizations.getOrganizationInvitationList": ({ organizations }, { organizationId }) =>
    organizations.getOrganizationInvitationList({ organizationId }),
  "organizations.createOrganizationInvitation": ({ organizations }, { organizationId }) =>
    organizations.createOrganizationInvitation({ organizationId, emailAddress: "a@example.com", role: "org:member" }),
  "organizations.createOrganizationInvitationBulk": ({ organizations }, { organizationId }) =>
    organizations.createOrganizationInvitationBulk(organizationId, [
      { emailAddress: "b@example.com", role: "org:member" },
    ]),
  "organizations.getOrganizationInvitation": async ({ organizations }, { organizationId }) =>
    organizations.getOrganizationInvitation({
      organizationId,
      invitationId: (await organizations.getOrganizationInvitationList({ organizationId })).data[0]!.id,
    }),
  "organizations.revokeOrganizationInvitation": async ({ organizations }, { organizationId }) =>
    organizations.revokeOrganizationInvitation({
      organizationId,
      invitationId: (await organizations.getOrganizationInvitationList({ organizationId })).data[0]!.id,
    }),
};

const ROLES: Record<string, Call> = {
  "organizationRoles.getOrganizationRoleList": ({ organizationRoles }) => organizationRoles.getOrganizationRoleList(),
  "organizationRoles.getOrganizationRole": ({ organizationRoles }, { roleId }) =>
    organizationRoles.getOrganizationRole(roleId),
  "organizationRoles.createOrganizationRole": ({ organizationRoles }) =>
    organizationRoles.createOrganizationRole({ name: "One", key: "org:one", description: "One" }),
  "organizationRoles.updateOrganizationRole": ({ organizationRoles }, { roleId }) =>
    organizationRoles.updateOrganizationRole({ organizationRoleId: roleId, name: "Renamed" }),
  "organizationRoles.deleteOrganizationRole": async ({ organizationRoles }) => {
    const role = { name: "Two", key: "org:two", description: "Two" };
    return organizationRoles.deleteOrganizationRole((await organizationRoles.createOrganizationRole(role)).id);
  },
  "organizationRoles.assignPermissionToOrganizationRole": ({ organizationRoles }, { roleId, permissionId }) =>
    organizationRoles.assignPermissionToOrganizationRole({ organizationRoleId: roleId, permissionId }),
  "organizationRoles.removePermissionFromOrganizationRole": ({ organizationRoles }, { roleId, permissionId }) =>
    organizationRoles.removePermissionFromOrganizationRole({ organizationRoleId: roleId, permissionId }),
  "organizationPermissions.getOrganizationPermissionList": ({ organizationPermissions }) =>
    organizationPermissions.getOrganizationPermissionList(),
  "organizationPermissions.getOrganizationPermission": ({ organizationPermissions }, { permissionId }) =>
    organizationPermissions.getOrganizationPermission(permissionId),
  "organizationPermissions.createOrganizationPermission": ({ organizationPermissions }) =>
    organizationPermissions.createOrganizationPermission({ name: "Pay", key: "org:bills:pay", description: "Pays" }),
  "organizationPermissions.updateOrganizationPermission": ({ organizationPermissions }, { permissionId }) =>
    organizationPermissions.updateOrganizationPermission({ permissionId, name: "Renamed" }),
  "organizationPermissions.deleteOrganizationPermission": ({ organizationPermissions }, { permissionId }) =>
    organizationPermissions.deleteOrganizationPermission(permissionId),
};

const OAUTH: Record<string, Call> = {
  "oauthApplications.list": ({ oauthApplications }) => oauthApplications.list(),
  "oauthApplications.create": ({ oauthApplications }) => oauthApplications.create({ name: "New" }),
  "oauthApplications.get": ({ oauthApplications }, { oauthApplicationId }) => oauthApplications.get(oauthApplicationId),
  "oauthApplications.update": ({ oauthApplications }, { oauthApplicationId }) =>
    oauthApplications.update({ oauthApplicationId, name: "Renamed" }),
  "oauthApplications.rotateSecret": ({ oauthApplications }, { oauthApplicationId }) =>
    oauthApplications.rotateSecret(oauthApplicationId),
  "idPOAuthAccessToken.verify": ({ idPOAuthAccessToken }, { accessToken }) => idPOAuthAccessToken.verify(accessToken),
  "oauthApplications.revokeToken": ({ oauthApplications }, { oauthApplicationId, accessToken }) =>
    oauthApplications.revokeToken({ oauthApplicationId, token: accessToken }),
  "oauthApplications.delete": ({ oauthApplications }, { oauthApplicationId }) =>
    oauthApplications.delete(oauthApplicationId),
};

/** The calls, by `object.method`, in an order in which none spoils another. */
export const SIMULATED: Record<string, Call> = {
  ...USERS,
  ...IDENTIFICATIONS,
  ...SESSIONS,
  ...ORGANIZATIONS,
  ...ROLES,
  ...OAUTH,
};
