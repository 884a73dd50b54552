/** Clerk's own package creates and revokes sessions, tokens and templates. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { verifyToken } from "@clerk/backend";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { createChanges } from "../../dev/clerk/changes.ts";
import { ClerkError } from "../../dev/clerk/errors.ts";
import { loadState, saveState } from "../../dev/clerk/state.ts";
import { createSwitches } from "../../dev/clerk/switches.ts";
import { refusalOf, withClerk } from "../helpers/clerk/sdk.ts";
import { createTestInstance } from "../helpers/clerk/simulator.ts";

const ADA = { emailAddress: ["ada@example.com"], firstName: "Ada", publicMetadata: { plan: "team" } };

Deno.test("a revoked session has the status revoked and gets no token", () =>
  withClerk(async ({ users, sessions }) => {
    const { id: userId } = await users.createUser(ADA);
    const [one, other] = [await sessions.createSession({ userId }), await sessions.createSession({ userId })];
    assertEquals((await sessions.getSession(one.id)).status, "active");
    const revoked = await sessions.revokeSession(one.id);
    assertEquals([revoked.status, revoked.updatedAt > revoked.createdAt], ["revoked", true]);
    const list = async (status: "active" | "revoked") =>
      (await sessions.getSessionList({ userId, status })).data.map(({ id }) => id);
    assertEquals([await list("active"), await list("revoked")], [[other.id], [one.id]]);
    assertEquals(await refusalOf(sessions.getToken(one.id)), [404, "resource_not_found"]);
    await users.deleteUser(userId);
    assertEquals(await refusalOf(sessions.getSession(one.id)), [404, "resource_not_found"]);
  }));

Deno.test("getToken() accepts a lifetime", () =>
  withClerk(async ({ users, sessions }) => {
    const { id } = await sessions.createSession({ userId: (await users.createUser(ADA)).id });
    const lifetimeOf = async (seconds?: number) => {
      const { exp, iat } = decodeJwt((await sessions.getToken(id, undefined, seconds)).jwt);
      return exp! - iat!;
    };
    assertEquals([await lifetimeOf(), await lifetimeOf(600)], [60, 600]);
  }));

Deno.test("a template's token has the template's claims and no session id", () =>
  withClerk(async ({ users, sessions, jwtTemplates }, { url, secretKey }) => {
    const { id: userId } = await users.createUser(ADA);
    const { id } = await sessions.createSession({ userId });
    assertEquals(await refusalOf(sessions.getToken(id, "hasura")), [404, "resource_not_found"]);
    const claims = {
      ...{ email: "{{user.primary_email_address}}", plan: "{{user.public_metadata.plan}}", role: "authenticated" },
      ...{ name: "{{user.first_name}} {{user.last_name || 'nobody'}}", verified: "{{user.email_verified}}" },
      nested: { metadata: "{{user.public_metadata}}", none: "{{user.public_metadata.none}}" },
    };
    await jwtTemplates.create({ name: "hasura", claims, lifetime: 300 });
    const { jwt } = await sessions.getToken(id, "hasura");
    const { sub, iat, exp, ...rest } = decodeJwt(jwt);
    assertEquals([sub, exp! - iat!, rest.sid], [userId, 300, undefined]);
    const { email, plan, role, name, verified, nested } = rest;
    assertEquals({ email, plan, role, name, verified, nested }, {
      ...{ email: "ada@example.com", plan: "team", role: "authenticated", name: "Ada nobody", verified: true },
      nested: { metadata: { plan: "team" }, none: null },
    });
    assertEquals(decodeProtectedHeader(jwt).cat, "cl_B7d4PD222AAA");
    assertEquals((await verifyToken(jwt, { apiUrl: url, secretKey })).sub, userId);
  }));

Deno.test("a template with a reserved claim or a name in use is rejected", () =>
  withClerk(async ({ jwtTemplates }) => {
    const { id } = await jwtTemplates.create({ name: "one", claims: {} });
    const create = (name: string, claims: object) => refusalOf(jwtTemplates.create({ name, claims }));
    assertEquals(await create("two", { sub: "x" }), [422, "jwt_template_reserved_claim"]);
    assertEquals(await create("one", {}), [422, "form_already_exists"]);
    assertEquals((await jwtTemplates.update({ templateId: id, name: "one", claims: { a: 1 } })).claims, { a: 1 });
    await jwtTemplates.delete(id);
    assertEquals(await refusalOf(jwtTemplates.get(id)), [404, "resource_not_found"]);
  }));

Deno.test("a sign-in token can be revoked once", () =>
  withClerk(async ({ users, signInTokens }) => {
    const { id: userId } = await users.createUser(ADA);
    const token = await signInTokens.createSignInToken({ userId, expiresInSeconds: 60 });
    assertEquals([token.status, token.userId, token.url], ["pending", userId, null] as never);
    assertEquals((await signInTokens.revokeSignInToken(token.id)).status, "revoked");
    const again = await refusalOf(signInTokens.revokeSignInToken(token.id));
    assertEquals(again, [400, "sign_in_token_cannot_be_revoked_code"]);
  }));

Deno.test("a ticket signs its user in once, unless it expired or was revoked or the user is banned or locked", async () => {
  const state = await loadState(undefined, "test", await createTestInstance("test"));
  const send = () => ({ id: "msg_1", type: "", body: "", state: "sending" as const, attempts: [] });
  const sender = { send, resend: () => Promise.reject(new Error("no")), resume() {}, stop: () => Promise.resolve() };
  const changes = createChanges({ state, sender, switches: createSwitches(), changed() {} });
  const { id: user_id } = await changes.createUser({ username: "ada" });
  const create = (expires_in_seconds: number) =>
    changes.createSignInToken({ user_id, organization_id: "org_1", expires_in_seconds });
  const codeOf = (ticket: string) => assertThrows(() => changes.takeTicket(ticket), ClerkError).code;
  const { token } = create(60);
  const { user, organizationId } = changes.takeTicket(token);
  assertEquals([user.id, organizationId], [user_id, "org_1"]);
  assertEquals(codeOf(token), "sign_in_token_already_used_code");
  assertEquals(codeOf(create(-1).token), "ticket_expired_code");
  assertEquals(codeOf(changes.revokeSignInToken(create(60)).token), "sign_in_token_revoked_code");
  assertEquals(codeOf("ticket_x"), "ticket_invalid_code");
  const kept = create(60).token;
  changes.changeUser(state.users.get(user_id)!, () => ({ banned: true }));
  assertEquals(codeOf(kept), "user_banned");
});

Deno.test("a testing token's expiry is in seconds, as at Clerk", () =>
  withClerk(async ({ testingTokens }) => {
    // The package returns the value unchanged, although its types differ.
    const { token, expires_at } = await testingTokens.createTestingToken() as unknown as Record<string, unknown>;
    assert(String(token).includes("-c_"), String(token));
    assertEquals(Math.round((Number(expires_at) - Date.now() / 1_000) / 60), 60);
  }));

Deno.test("saved state keeps ended sessions, sign-in tokens, templates and applications", () =>
  withClerk(async ({ users, sessions, signInTokens, jwtTemplates, oauthApplications }, { state }) => {
    const { id: userId } = await users.createUser(ADA);
    await sessions.revokeSession((await sessions.createSession({ userId })).id);
    await signInTokens.createSignInToken({ userId, expiresInSeconds: 60 });
    await jwtTemplates.create({ name: "one", claims: {} });
    await oauthApplications.create({ name: "App" });
    const folder = await Deno.makeTempDir();
    const file = new URL(`file://${folder}/clerk.json`);
    await saveState(file, state);
    const again = await loadState(file, "test");
    await Deno.remove(folder, { recursive: true });
    for (const name of ["endedSessions", "signInTokens", "jwtTemplates", "oauthApplications", "oauthGrants"] as const) {
      assertEquals<unknown>(again[name], state[name], name);
    }
    assertEquals([again.endedSessions.size, again.signInTokens.size, again.jwtTemplates.size], [1, 1, 1]);
  }));
