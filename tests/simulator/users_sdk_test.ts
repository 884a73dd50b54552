/** Clerk's own package changes users at the simulator as at Clerk. */
import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { eventsOf, refusalOf, withClerk } from "../helpers/clerk/sdk.ts";

const ADA = { emailAddress: ["ada@example.com"], password: "correct horse" };

Deno.test("updateUserMetadata() merges deeply and removes keys whose value is null", () =>
  withClerk(async ({ users }, simulator) => {
    const publicMetadata = { plan: { name: "free", seats: 1 }, beta: true };
    const { id } = await users.createUser({ ...ADA, publicMetadata, privateMetadata: { note: "x" } });
    const change = { publicMetadata: { plan: { seats: 3 }, beta: null }, unsafeMetadata: { theme: "dark" } };
    const changed = await users.updateUserMetadata(id, change);
    assertEquals(changed.publicMetadata, { plan: { name: "free", seats: 3 } } as never);
    assertEquals([changed.privateMetadata, changed.unsafeMetadata], [{ note: "x" }, { theme: "dark" }] as never);
    const [, { type, data }] = await eventsOf(simulator, 2);
    assertEquals([type, data.public_metadata], ["user.updated", changed.publicMetadata]);
  }));

Deno.test("replaceUserMetadata() replaces only the given kinds", () =>
  withClerk(async ({ users }) => {
    const { id } = await users.createUser({ ...ADA, publicMetadata: { a: 1 }, privateMetadata: { b: 2 } });
    const changed = await users.replaceUserMetadata(id, { publicMetadata: { c: 3 } });
    assertEquals([changed.publicMetadata, changed.privateMetadata], [{ c: 3 }, { b: 2 }] as never);
  }));

Deno.test("updateUser() sets metadata by its own route, and PATCH /v1/users/{id} rejects it since 2026-05-12", () =>
  withClerk(async ({ users }, { url, secretKey }) => {
    const { id } = await users.createUser(ADA);
    const changed = await users.updateUser(id, { firstName: "Ada", publicMetadata: { plan: "team" } });
    assertEquals([changed.firstName, changed.publicMetadata], ["Ada", { plan: "team" }] as never);
    const patch = async (version: Record<string, string>) => {
      const headers = { authorization: `Bearer ${secretKey}`, ...version };
      const response = await fetch(`${url}/v1/users/${id}`, {
        method: "PATCH",
        headers,
        body: `{"public_metadata":{}}`,
      });
      return [response.status, (await response.json()).errors?.[0].code];
    };
    assertEquals(await patch({ "clerk-api-version": "2026-05-12" }), [422, "form_param_unknown"]);
    assertEquals(await patch({}), [200, undefined]);
  }));

Deno.test("createUser() keeps every given field", () =>
  withClerk(async ({ users }, simulator) => {
    const createdAt = new Date("2020-02-29T12:00:00.123Z");
    const given = {
      username: "Ada",
      firstName: "Ada",
      lastName: "L",
      externalId: "ext_1",
      locale: "en-GB",
      banned: true,
    };
    const phoneNumber = ["+1 (555) 555-0100", "+15555550101"];
    const { id } = await users.createUser({
      ...ADA,
      ...given,
      phoneNumber,
      createdAt,
      legalAcceptedAt: createdAt,
      locked: true,
    });
    const user = await users.getUser(id);
    const { username, firstName, lastName, externalId, locale, banned, locked } = user;
    assertEquals({ username, firstName, lastName, externalId, locale, banned }, given);
    assertEquals([locked, user.createdAt, user.legalAcceptedAt, user.passwordEnabled], [
      true,
      +createdAt,
      +createdAt,
      true,
    ]);
    assertEquals(user.phoneNumbers.map(({ phoneNumber }) => phoneNumber), ["+15555550100", "+15555550101"]);
    assertEquals(user.primaryPhoneNumber?.verification?.status, "verified");
    assert(user.updatedAt > user.createdAt);
    const [{ data }] = await eventsOf(simulator, 1);
    assertEquals([data.phone_numbers[1].phone_number, data.created_at], ["+15555550101", +createdAt]);
  }));

Deno.test("createUser() rejects unknown fields, unsimulated fields and identifiers of another user", () =>
  withClerk(async ({ users }) => {
    await users.createUser({ ...ADA, username: "ada", externalId: "ext_1", phoneNumber: ["+15555550100"] });
    const create = (params: Record<string, unknown>) => refusalOf(users.createUser(params as typeof ADA));
    assertEquals(await create({ nickname: "Ada" }), [422, "form_param_unknown"]);
    assertEquals(await create({ totpSecret: "x" }), [501, "not_simulated"]);
    assertEquals(await create({ createdAt: "yesterday" }), [422, "form_param_invalid_time"]);
    assertEquals(await create({ phoneNumber: ["555"] }), [422, "form_param_format_invalid"]);
    for (const taken of [{ emailAddress: ["ADA@example.com"] }, { username: "ADA" }, { externalId: "ext_1" }]) {
      assertEquals(await create(taken), [422, "form_identifier_exists"], JSON.stringify(taken));
    }
    assertEquals(await create({ phoneNumber: ["+1 555 555 0100"] }), [422, "form_identifier_exists"]);
    assertEquals(await users.getCount(), 1);
  }));

Deno.test("a banned user loses every session and cannot sign in until unbanned", () =>
  withClerk(async ({ users, sessions }, simulator) => {
    const { id } = await users.createUser(ADA);
    const session = await sessions.createSession({ userId: id });
    assertEquals((await users.banUser(id)).banned, true);
    assertEquals((await sessions.getSession(session.id)).status, "revoked");
    assertEquals(await refusalOf(sessions.getToken(session.id)), [404, "resource_not_found"]);
    assertEquals(await refusalOf(sessions.createSession({ userId: id })), [403, "user_banned"]);
    const signIn = await fetch(`${simulator.url}/dev/token?email=ada@example.com`, { method: "POST" });
    assertEquals([signIn.status, (await signIn.json()).errors[0].code], [403, "user_banned"]);
    assertEquals((await users.unbanUser(id)).banned, false);
    await sessions.createSession({ userId: id });
  }));

Deno.test("a locked user keeps sessions but cannot begin one until unlocked", () =>
  withClerk(async ({ users, sessions }) => {
    const { id } = await users.createUser(ADA);
    const session = await sessions.createSession({ userId: id });
    assertEquals((await users.lockUser(id)).locked, true);
    assertEquals((await sessions.getSession(session.id)).status, "active");
    assertEquals(await refusalOf(sessions.createSession({ userId: id })), [403, "user_locked"]);
    assertEquals((await users.unlockUser(id)).locked, false);
    await sessions.createSession({ userId: id });
  }));

Deno.test("a banned user's page gets no token, and a locked user's page cannot sign in", () =>
  withClerk(async ({ users }, { url }) => {
    const post = async (path: string, form: Record<string, string>, cookie = "") => {
      const body = new URLSearchParams(form);
      const response = await fetch(`${url}/__clerk/v1/${path}`, { method: "POST", headers: { cookie }, body });
      const { response: answer, errors } = await response.json();
      return { status: response.status, answer, code: errors?.[0].code, cookie: response.headers.get("set-cookie") };
    };
    const account = { email_address: "ada@example.com", password: "correct horse" };
    const { answer, cookie } = await post("client/sign_ups", account);
    const { created_user_id: id, created_session_id: session } = answer;
    await users.banUser(id);
    const token = await post(`client/sessions/${session}/tokens`, {}, cookie!.split(";")[0]);
    assertEquals([token.status, token.code], [401, "authentication_invalid"]);
    const signIn = async () => {
      const { status, code } = await post("client/sign_ins", {
        identifier: "ada@example.com",
        password: "correct horse",
      });
      return [status, code];
    };
    assertEquals(await signIn(), [403, "user_banned"]);
    await users.unbanUser(id);
    await users.lockUser(id);
    assertEquals(await signIn(), [403, "user_locked"]);
    await users.unlockUser(id);
    assertEquals(await signIn(), [200, undefined]);
  }));

Deno.test("POST /v1/users/ban bans many users", () =>
  withClerk(async ({ users }, { url, secretKey }) => {
    const ids = [];
    for (const name of ["ada", "eve"]) ids.push((await users.createUser({ emailAddress: [`${name}@example.com`] })).id);
    const headers = { authorization: `Bearer ${secretKey}` };
    const answer = await fetch(`${url}/v1/users/ban`, {
      method: "POST",
      headers,
      body: JSON.stringify({ user_ids: ids }),
    });
    assertEquals((await answer.json()).map(({ banned }: { banned: boolean }) => banned), [true, true]);
  }));

Deno.test("verifyPassword() accepts the password until removePassword()", () =>
  withClerk(async ({ users, sessions }) => {
    const { id: userId } = await users.createUser(ADA);
    const session = await sessions.createSession({ userId });
    assertEquals(await users.verifyPassword({ userId, password: ADA.password }), { verified: true });
    assertEquals(await refusalOf(users.verifyPassword({ userId, password: "wrong" })), [422, "incorrect_password"]);
    assertEquals((await users.removePassword(userId, { signOutOfOtherSessions: true })).passwordEnabled, false);
    assertEquals(await refusalOf(users.verifyPassword({ userId, password: ADA.password })), [400, "no_password_set"]);
    assertEquals((await sessions.getSession(session.id)).status, "revoked");
  }));

const DIGESTS: Array<[hasher: "md5" | "sha256" | "pbkdf2_sha256_django" | "scrypt_werkzeug", digest: string]> = [
  ["md5", createHash("md5").update("correct horse").digest("hex")],
  ["sha256", createHash("sha256").update("correct horse").digest("hex")],
  // Digests in the formats of Django and Werkzeug, computed with Python's hashlib.
  ["pbkdf2_sha256_django", "pbkdf2_sha256$1000$salty$DzvaoPDWHNlO+0p5E04mScIUiNVjJ8YpgYitYTNqHo8="],
  [
    "scrypt_werkzeug",
    "scrypt:16384:8:1$pepper$db8d4e2ea4e996e42e979ae374be6c94001c80f8dd0f84b37c7cff7737d0e165433ea10fa8374f9aff9defc15f511a07e366fc5aacc215cdf12bb57749614f91",
  ],
];

for (const [passwordHasher, passwordDigest] of DIGESTS) {
  Deno.test(`a password imported as a ${passwordHasher} digest is accepted`, () =>
    withClerk(async ({ users }) => {
      const { id: userId, passwordEnabled } = await users.createUser({ passwordDigest, passwordHasher });
      assertEquals(passwordEnabled, true);
      assertEquals(await users.verifyPassword({ userId, password: "correct horse" }), { verified: true });
      assertEquals(await refusalOf(users.verifyPassword({ userId, password: "wrong" })), [422, "incorrect_password"]);
    }));
}

Deno.test("an unsupported digest is stored, and checking its password answers 501", () =>
  withClerk(async ({ users }) => {
    const { id: userId } = await users.createUser({ passwordDigest: "$2a$10$x", passwordHasher: "bcrypt" });
    assertEquals(await refusalOf(users.verifyPassword({ userId, password: "x" })), [501, "not_simulated"]);
  }));

Deno.test("getUserList() supports Clerk's filters", () =>
  withClerk(async ({ users, organizations }) => {
    const create = async (name: string, more: Record<string, unknown>) =>
      (await users.createUser({ emailAddress: [`${name}@example.com`], firstName: name, ...more })).id;
    const ada = await create("Ada", { username: "countess", phoneNumber: ["+15555550100"], externalId: "ext_1" });
    const eve = await create("Eve", { createdAt: new Date("2020-01-01") });
    const { id: organizationId } = await organizations.createOrganization({ name: "Acme", createdBy: eve });
    const list = async (params: Parameters<typeof users.getUserList>[0]) =>
      (await users.getUserList(params)).data.map(({ id }) => id);
    assertEquals(await list({ phoneNumber: ["+15555550100"] }), [ada]);
    assertEquals(await list({ username: ["COUNTESS"] }), [ada]);
    assertEquals(await list({ externalId: ["ext_1", "ext_2"] }), [ada]);
    assertEquals(await list({ externalId: ["-ext_1"] }), [eve]);
    assertEquals(await list({ userId: [`-${ada}`] }), [eve]);
    assertEquals(await list({ query: "EVE" }), [eve]);
    assertEquals(await list({ query: "5550100" }), [ada]);
    assertEquals(await list({ createdAtBefore: Date.UTC(2021, 0) }), [eve]);
    assertEquals(await list({ createdAtAfter: Date.UTC(2021, 0) }), [ada]);
    assertEquals(await list({ lastSignInAtAfter: 1 }), []);
    assertEquals(await list({ organizationId: [organizationId] }), [eve]);
    assertEquals(await list({ organizationId: [`-${organizationId}`] }), [ada]);
    assertEquals(await list({ web3Wallet: ["0x1"] }), []);
    assertEquals(await list({ orderBy: "-phone_number" }), [eve, ada]);
  }));

Deno.test("user.deleted contains the external id", () =>
  withClerk(async ({ users }, simulator) => {
    const { id } = await users.createUser({ ...ADA, externalId: "ext_1" });
    await users.deleteUser(id);
    const events = await eventsOf(simulator, 2);
    assertEquals(events.find(({ type }) => type === "user.deleted").data, {
      ...{ object: "user", id, deleted: true, external_id: "ext_1" },
    });
  }));
