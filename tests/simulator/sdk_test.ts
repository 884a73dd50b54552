/** Clerk's own package works with the simulator as with Clerk. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createClerkClient, verifyToken } from "@clerk/backend";
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { verifyWebhook } from "@clerk/backend/webhooks";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";
import { eventually } from "../../project/eventually.ts";

const clientOf = ({ url, secretKey }: TestSimulator) => createClerkClient({ apiUrl: url, secretKey });

/** The error that Clerk's package throws for an unsuccessful response. */
async function refusalOf(promise: Promise<unknown>) {
  const error = await assertRejects(() => promise, Error);
  assert(isClerkAPIResponseError(error), String(error));
  return error;
}

Deno.test("@clerk/backend creates, reads, changes, counts and deletes users", () =>
  withSimulator({}, async (simulator) => {
    const { users } = clientOf(simulator);
    const { id } = await users.createUser({
      emailAddress: ["ada@example.com"],
      firstName: "Ada",
      publicMetadata: { plan: "free" },
    });
    const created = await users.getUser(id);
    assertEquals([created.firstName, created.primaryEmailAddress?.emailAddress, created.publicMetadata], [
      "Ada",
      "ada@example.com",
      { plan: "free" },
    ]);
    assertEquals((await users.updateUser(id, { firstName: "Augusta" })).firstName, "Augusta");
    assert((await users.getUser(id)).updatedAt > created.updatedAt);
    assertEquals([await users.getCount(), await users.getCount({ emailAddress: ["other@example.com"] })], [1, 0]);
    assertEquals((await users.deleteUser(id)).id, id);
    const error = await refusalOf(users.getUser(id));
    assertEquals([error.status, error.errors[0]?.code], [404, "resource_not_found"]);
    assertEquals(await users.getCount(), 0);
  }));

Deno.test("@clerk/backend lists users by page, by order and by id", () =>
  withSimulator({}, async (simulator) => {
    const { users } = clientOf(simulator);
    const seeded = seedUsers(simulator.state, 25).map(({ id }) => id);
    const list = async (params: Parameters<typeof users.getUserList>[0]) => {
      const { data, totalCount } = await users.getUserList(params);
      return [data.map(({ id }) => seeded.indexOf(id)), totalCount];
    };
    const page = await list({ limit: 3, offset: 4, orderBy: "+created_at" });
    assertEquals(page, [[4, 5, 6], 25]);
    assertEquals(await list({ limit: 2, orderBy: "-created_at" }), [[24, 23], 25]);
    assertEquals((await users.getUserList()).data.length, 10);
    const userId = [seeded[7]!, "user_unknown", seeded[3]!];
    assertEquals(await list({ userId, limit: 100, orderBy: "+created_at" }), [[3, 7], 2]);
    assertEquals(await list({ emailAddress: ["USER5@example.com"] }), [[5], 1]);
    const { errors } = await refusalOf(users.getUserList({ limit: 501 }));
    assertEquals([errors[0]?.code, errors[0]?.meta?.paramName], ["form_param_format_invalid", "limit"]);
  }));

Deno.test("@clerk/backend lists a user's sessions, newest first", () =>
  withSimulator({}, async (simulator) => {
    const { sessions } = clientOf(simulator);
    const [ada, eve] = seedUsers(simulator.state, 2).map(({ id }) => id);
    const ids = [];
    for (const userId of [ada!, eve!, ada!]) ids.push((await sessions.createSession({ userId })).id);
    const { data, totalCount } = await sessions.getSessionList({ userId: ada!, status: "active" });
    assertEquals([new Set(data.map(({ id }) => id)), totalCount], [new Set([ids[0], ids[2]]), 2]);
    assert(data[0]!.createdAt >= data[1]!.createdAt);
    assertEquals(await sessions.getSessionList({ userId: ada!, status: "revoked" }), { data: [], totalCount: 0 });
    assertEquals((await refusalOf(sessions.getSessionList())).status, 422);
  }));

Deno.test("@clerk/backend reads the retry time from a 429 response", () =>
  withSimulator({ rateLimit: true }, async (simulator) => {
    const { users } = clientOf(simulator);
    for (let request = 0; request < 100; request++) await users.getCount();
    const error = await refusalOf(users.getCount());
    assertEquals([error.status, error.errors[0]?.code], [429, "too_many_requests"]);
    assert(error.retryAfter! > 0 && error.retryAfter! <= 10, String(error.retryAfter));
  }));

Deno.test("verifyToken() of @clerk/backend accepts the simulator's session token", () =>
  withSimulator({}, async (simulator) => {
    const [user] = seedUsers(simulator.state, 1);
    const { sessions } = clientOf(simulator);
    const session = await sessions.createSession({ userId: user!.id });
    const { jwt } = await sessions.getToken(session.id);
    const { sub, sid, iss, role } = await verifyToken(jwt, { apiUrl: simulator.url, secretKey: simulator.secretKey });
    assertEquals([sub, sid, iss, role], [user!.id, session.id, simulator.url, "authenticated"]);
  }));

Deno.test("verifyWebhook() of @clerk/backend accepts only the simulator's message", () =>
  withSimulator({}, async (simulator) => {
    const { id } = await clientOf(simulator).users.createUser({ emailAddress: ["ada@example.com"] });
    const [message] = await eventually(() => {
      assertEquals(simulator.webhooks.length, 1);
      return Promise.resolve(simulator.webhooks);
    });
    const signingSecret = simulator.state.instance.webhookSecret;
    const { type, data } = await verifyWebhook(message!.clone(), { signingSecret });
    assertEquals([type, data.id], ["user.created", id]);
    const foreign = { signingSecret: `whsec_${btoa("another secret, of 24 bytes")}` };
    await assertRejects(() => verifyWebhook(message!, foreign), Error);
  }));
