/** The simulator lists users as Clerk does, including very many. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { loadState, saveState } from "../../dev/clerk/state.ts";
import { isOrderField } from "../../dev/clerk/user_order.ts";
import { UserStore } from "../../dev/clerk/user_store.ts";
import { createUser, type User } from "../../dev/clerk/users.ts";
import { createSilently, deleteSilently, updateSilently } from "../helpers/clerk/clerk.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { createTestInstance, type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";

const ORDERS = [
  ...["created_at", "updated_at", "email_address", "first_name", "last_name", "username"],
  ...["last_sign_in_at", "last_active_at", "phone_number", "web3wallet"],
];

async function list({ get }: TestSimulator, query: string): Promise<User[]> {
  const response = await get(`/v1/users?${query}`);
  assertEquals(response.status, 200, query);
  return await response.json();
}

/** Reads every page by cursor, as Clerk documents, and runs `meanwhile` between pages. */
async function readAll(simulator: TestSimulator, limit: number, meanwhile = (_page: User[]) => {}): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = "";;) {
    const page = await list(simulator, `order_by=%2Bcreated_at&limit=${limit}${cursor}`);
    ids.push(...page.map(({ id }) => id));
    if (page.length < limit) return ids;
    cursor = `&starting_after=${ids.at(-1)}`;
    meanwhile(page);
  }
}

Deno.test("every order is total, descending is its reverse, and an unencoded + counts as +", () =>
  withSimulator({}, async (simulator) => {
    seedUsers(simulator.state, 60);
    for (const order of ORDERS) {
      const [plus, bare, none, minus] = await Promise.all(
        ["%2B", "+", "", "-"].map((sign) => list(simulator, `limit=500&order_by=${sign}${order}`)),
      );
      assertEquals([bare, none, minus!.toReversed()], [plus, plus, plus], order);
      const pages = [];
      for (let offset = 0; offset < 60; offset += 7) {
        pages.push(...await list(simulator, `limit=7&offset=${offset}&order_by=-${order}`));
      }
      assertEquals(pages, minus, order);
    }
    assertEquals(await list(simulator, ""), await list(simulator, "order_by=-created_at&limit=10&offset=0"));
  }));

Deno.test("users are found by id and by address regardless of case, and unknown ones are skipped", () =>
  withSimulator({}, async (simulator) => {
    const users = seedUsers(simulator.state, 200);
    const some = users.slice(0, 99).map(({ id }) => `user_id=${id}`).join("&");
    const found = await list(simulator, `${some}&user_id=user_unknown&limit=100&order_by=%2Bcreated_at`);
    assertEquals(found.map(({ id }) => id), users.slice(0, 99).map(({ id }) => id).sort(byArrival(users)));
    const counted = await simulator.get(`/v1/users/count?${some}&user_id=user_unknown`);
    assertEquals(await counted.json(), { object: "total_count", total_count: 99 });
    const addresses = "email_address=USER7@example.com&email_address=user8@example.com&email_address=no@example.com";
    assertEquals((await list(simulator, addresses)).map(({ id }) => id).sort(), [users[7]!.id, users[8]!.id].sort());
    assertEquals((await list(simulator, `${addresses}&user_id=${users[8]!.id}`)).map(({ id }) => id), [users[8]!.id]);
  }));

/** Compares by created_at, then by id. */
function byArrival(users: User[]): (one: string, other: string) => number {
  const times = new Map(users.map(({ id, created_at }) => [id, created_at]));
  return (one, other) => times.get(one)! - times.get(other)! || (one < other ? -1 : 1);
}

Deno.test("starting_after returns every user once, in both directions", () =>
  withSimulator({}, async (simulator) => {
    const users = seedUsers(simulator.state, 105);
    const ids = users.map(({ id }) => id).sort(byArrival(users));
    assertEquals(await readAll(simulator, 10), ids);
    assertEquals(await readAll(simulator, 35), ids);
    const before = await list(simulator, `starting_after=${ids[50]}&limit=20`);
    assertEquals(before.map(({ id }) => id), ids.slice(30, 50).reverse());
    const filtered = await list(simulator, `starting_after=${ids[50]}&user_id=${ids[49]}&user_id=${ids[51]}`);
    assertEquals(filtered.map(({ id }) => id), [ids[49]]);
  }));

Deno.test("starting_after misses no remaining user while others come, change and go", () =>
  withSimulator({}, async (simulator) => {
    const { state } = simulator;
    const users = seedUsers(state, 300);
    const gone = new Set<string>();
    const added = new Set<string>();
    const seen = await readAll(simulator, 20, (page) => {
      deleteSilently(state, page[3]!.id);
      gone.add(page[3]!.id);
      updateSilently(state, page[5]!.id, { first_name: "Changed" });
      added.add(createSilently(state, { email_address: [`new${added.size}@example.com`] }).id);
    });
    assertEquals(seen.length, new Set(seen).size);
    const stayed = [...users.map(({ id }) => id).filter((id) => !gone.has(id)), ...added];
    assertEquals(stayed.filter((id) => !seen.includes(id)), []);
    assertEquals(simulator.webhooks, []);
  }));

Deno.test("invalid parameters are rejected as at Clerk, and unsupported ones are not ignored", () =>
  withSimulator({}, async (simulator) => {
    const [user] = seedUsers(simulator.state, 1);
    const many = Array.from({ length: 101 }, (_, index) => `user_id=user_${index}`).join("&");
    const refusals: Array<[string, number, string]> = [
      ...["limit=0", "limit=501", "limit=ten", "limit=", "limit=1.5", "limit=-1", "offset=-1", "offset=x"].map((
        query,
      ) => [`users?${query}`, 422, "form_param_format_invalid"] as [string, number, string]),
      ["users?order_by=password", 422, "form_param_value_invalid"],
      ["users?order_by=toString", 422, "form_param_value_invalid"],
      ["users?order_by=%2B%2Bcreated_at", 422, "form_param_value_invalid"],
      [`users?${many}`, 422, "form_param_format_invalid"],
      [`users/count?${many}`, 422, "form_param_format_invalid"],
      [`users?${many.replaceAll("user_id", "email_address")}`, 422, "form_param_format_invalid"],
      [`users?starting_after=${user!.id}&order_by=-updated_at`, 422, "form_param_format_invalid"],
      [`users?starting_after=${user!.id}&offset=1`, 422, "form_param_format_invalid"],
      ["users?starting_after=user_unknown", 422, "resource_not_found"],
      ["users?provider=oauth_google&provider_user_id=1", 501, "not_simulated"],
      ["users?created_at_after=yesterday", 422, "form_param_format_invalid"],
      ["users?banned=perhaps", 422, "form_param_format_invalid"],
      ["sessions", 422, "form_param_missing"],
      [`sessions?user_id=${user!.id}&status=busy`, 422, "form_param_value_invalid"],
      [`sessions?user_id=${user!.id}&limit=501`, 422, "form_param_format_invalid"],
    ];
    for (const [path, status, code] of refusals) {
      const response = await simulator.get(`/v1/${path}`);
      assertEquals([response.status, (await response.json()).errors[0].code], [status, code], path.slice(0, 80));
    }
    assertEquals((await list(simulator, `starting_after=${user!.id}&offset=0`)).length, 0);
    assertEquals((await list(simulator, `user_id=%2B${user!.id}`)).length, 1);
  }));

Deno.test("sessions are a plain list unless the SDK requests a page", () =>
  withSimulator({}, async (simulator) => {
    const [user] = seedUsers(simulator.state, 1);
    for (const [id, createdAt] of [["sess_1", 1], ["sess_2", 3], ["sess_3", 2]] as const) {
      simulator.state.sessions.set(id, { id, userId: user!.id, createdAt });
    }
    const ids = async (query: string) =>
      (await (await simulator.get(`/v1/sessions?${query}`)).json()).map(({ id }: { id: string }) => id);
    assertEquals(await ids(`user_id=${user!.id}&status=active`), ["sess_2", "sess_3", "sess_1"]);
    assertEquals(await ids(`user_id=${user!.id}&limit=1&offset=1`), ["sess_3"]);
    assertEquals(await ids("client_id=client_1"), ["sess_1"]);
    assertEquals(await ids("user_id=user_unknown"), []);
    deleteSilently(simulator.state, user!.id);
    assertEquals(await ids(`user_id=${user!.id}`), []);
  }));

Deno.test("an address belongs to one user regardless of case until the user gives it up", () =>
  withSimulator({}, async (simulator) => {
    const create = async (email: string) => {
      const response = await fetch(`${simulator.url}/v1/users`, {
        method: "POST",
        headers: { authorization: `Bearer ${simulator.secretKey}` },
        body: JSON.stringify({ email_address: [email] }),
      });
      return [response.status, (await response.json()).errors?.[0].code];
    };
    const [user] = seedUsers(simulator.state, 1);
    assertEquals(await create("USER0@example.com"), [422, "form_identifier_exists"]);
    updateSilently(simulator.state, user!.id, { email_address: ["other@example.com"] });
    assertEquals(await create("user0@example.com"), [200, undefined]);
    deleteSilently(simulator.state, user!.id);
    assertEquals(await create("other@example.com"), [200, undefined]);
  }));

Deno.test("the sort orders stay correct while users are added, changed and removed", () => {
  const change = fc.record({
    number: fc.nat(12),
    time: fc.nat(5),
    kind: fc.constantFrom("set", "set", "delete", "setAll", "read"),
  });
  fc.assert(fc.property(fc.array(change, { maxLength: 60 }), fc.constantFrom(...ORDERS), (changes, field) => {
    assert(isOrderField(field));
    const store = new UserStore();
    const query = { field, descending: false, limit: 500, offset: 0 };
    for (const { number, time, kind } of changes) {
      const user = { ...createUser({ first_name: `name ${time}` }, time), id: `user_${number}`, updated_at: time };
      if (kind === "set") store.set(user);
      if (kind === "setAll") store.setAll([user]);
      if (kind === "delete") store.delete(user.id);
      if (kind === "read") store.list(query);
    }
    assertEquals(store.list(query), new UserStore(store.values()).list(query));
  }));
});

Deno.test("a stored user cannot be changed in place", () => {
  const store = new UserStore([createUser({ first_name: "Ada" }, 0)]);
  const [user] = [...store.values()];
  assertThrows(() => user!.first_name = "Eve", TypeError);
});

Deno.test("a saved state is restored with the kind of its instance", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = new URL(`file://${folder}/clerk.json`);
    const state = await loadState(undefined, "live");
    const users = seedUsers(state, 3);
    await saveState(file, state);
    const again = await loadState(file, "test");
    assertEquals([...again.users.values()], users);
    assertEquals(again.users.findByAddress("user1@example.com")?.id, users[1]!.id);
    assertEquals(again.instance, state.instance);
    const { users: saved, ...kept } = JSON.parse(await Deno.readTextFile(file));
    const old = saved.map(([id, { banned: _, ...user }]: [string, User]) => [id, user]);
    await Deno.writeTextFile(file, JSON.stringify({ instance: kept.instance, users: old }));
    assertEquals([...(await loadState(file, "test")).users.values()], users);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("seeding creates the same users each time, with distinct addresses", async () => {
  const instance = await createTestInstance("test");
  const [one, other] = [await loadState(undefined, "test", instance), await loadState(undefined, "test", instance)];
  const users = seedUsers(one, 1_000);
  assertEquals(seedUsers(other, 1_000), users);
  seedUsers(other, 1, { first: 1_000 });
  assertEquals([one.users.size, other.users.size], [1_000, 1_001]);
  for (const { id, created_at, updated_at } of users) {
    assert(/^user_[0-9A-Za-z]{27}$/.test(id) && created_at <= updated_at && updated_at < Date.now(), id);
  }
});

Deno.test("100,000 users are listed while some change", () =>
  withSimulator({}, async (simulator) => {
    const { state } = simulator;
    const users = seedUsers(state, 100_000);
    const seen = await readAll(simulator, 500, (page) => {
      for (const { id } of page.slice(0, 5)) updateSilently(state, id, { first_name: "Changed" });
    });
    assertEquals(seen.length, 100_000);
    const changed = await list(simulator, "order_by=-updated_at&limit=500&offset=500");
    assertEquals(changed.filter(({ first_name }) => first_name === "Changed").length, 500);
    for (let first = 0; first < 10_000; first += 100) {
      const ids = users.slice(first, first + 100).map(({ id }) => `user_id=${id}`);
      assertEquals((await list(simulator, `${ids.join("&")}&limit=100`)).length, 100);
    }
  }));
