/** Tests the outcomes of `apply_clerk_changes()`, change by change, on one connection. */
import { assert, assertEquals } from "@std/assert";
import { apply, deletion, emails, forget, profile, rows, signIn, T0 } from "../helpers/database/changes.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();

const test = testsOf("apply_clerk_changes() ", () => forget(database));

const instant = (version: number) => new Date(T0 + version).toISOString().replace("Z", "+00:00").replace(".000", "");
const one = async (...changes: unknown[]) => (await apply(database, ...changes))[0];
const count = async (table: string) => Number((await database.query(`select count(*) as n from ${table}`))[0]!.n);

test("returns an empty list for an empty list", async () => {
  assertEquals(await apply(database), []);
});

test("fills every column", async () => {
  const change = profile("user_a", 5, {
    type: "user.created",
    created_at: T0 + 1,
    last_sign_in_at: T0 + 3,
    email: "ada@example.com",
    email_verified: true,
    first_name: "Ada",
    last_name: "Lovelace",
    username: "ada",
    profile_image_url: "https://img.clerk.com/ada",
    metadata: { plan: "pro" },
  });
  assertEquals(await one(change), "created");
  assertEquals(await rows(database), {
    user_a: {
      email: "ada@example.com",
      email_verified: true,
      first_name: "Ada",
      last_name: "Lovelace",
      username: "ada",
      profile_image_url: "https://img.clerk.com/ada",
      metadata: { plan: "pro" },
      created_at: instant(1),
      last_sign_in_at: instant(3),
      deleted_at: null,
    },
  });
  const [row] = await database.query("select to_jsonb(updated_at) as at from public.users");
  assertEquals(row!.at, instant(5));
});

test("applies a message once, and a duplicate writes nothing", async () => {
  const created = profile("user_a", 1, { first_name: "Ada" });
  assertEquals(await apply(database, created, created), ["created", "duplicate"]);
  assertEquals(await one({ ...created, sent_at: T0 + 60_000 }), "duplicate");
  assertEquals(await one({ ...created, updated_at: T0 + 9, first_name: "Eve" }), "duplicate");
  assertEquals([(await rows(database)).user_a!.first_name, await count("clerk.messages")], ["Ada", 1]);
});

for (const field of ["sent_at", "event_at", "updated_at", "created_at", "last_sign_in_at"]) {
  test(`reads a time close to zero in ${field} as zero`, async () => {
    const tiny = { [field]: Number.MIN_VALUE };
    const changes = [
      profile("user_a", 1, { ...tiny }),
      { ...signIn("user_a", 2), ...tiny },
      { ...deletion("user_a", 3), ...tiny },
    ];
    for (const change of changes) {
      const outcome = await one(change);
      assert(!outcome!.startsWith("refused SCHEMA_REFUSED"), `${change.type}: ${outcome}`);
    }
  });
}

test("keeps the newest profile in any order of arrival", async () => {
  const [first, second, third] = [1, 2, 3].map((version) => profile("user_a", version, { first_name: `v${version}` }));
  assertEquals(await apply(database, second, first, third), ["created", "stale", "updated"]);
  assertEquals((await rows(database)).user_a!.first_name, "v3");
});

test("orders equal versions by event time, then created before updated, then message id", async () => {
  const at = (eventAt: number, overrides: Record<string, unknown>) =>
    profile("user_a", 1, { event_at: T0 + eventAt, ...overrides });
  const ordered = [
    at(1, { type: "user.created", message_id: "msg_z", first_name: "created" }),
    at(1, { type: "user.updated", message_id: "msg_B", first_name: "B" }),
    at(1, { type: "user.updated", message_id: "msg_a", first_name: "a" }),
    at(2, { type: "user.created", message_id: "msg_0", first_name: "later" }),
  ];
  assertEquals(await apply(database, ...ordered), ["created", "updated", "updated", "updated"]);
  await forget(database);
  assertEquals(await apply(database, ...ordered.toReversed()), ["created", "stale", "stale", "stale"]);
});

test("orders a fetched user by the time of Clerk's response, without a message", async () => {
  const fetched = profile("user_a", 5, {
    type: "user.fetched",
    message_id: undefined,
    event_at: T0 + 9,
    first_name: "Clerk",
  });
  assertEquals(await apply(database, fetched, profile("user_a", 5, { first_name: "late" })), ["created", "stale"]);
  assertEquals(await apply(database, fetched), ["stale"]);
  assertEquals(await count("clerk.messages"), 1);
});

test("never replaces a payload with updated_at by one without it", async () => {
  const bare = { updated_at: undefined, event_at: T0 + 9_000, first_name: "bare" };
  assertEquals(await one(profile("user_a", 0, bare)), "created");
  assertEquals(await one(profile("user_a", 1, { first_name: "versioned" })), "updated");
  assertEquals(await one(profile("user_a", 0, { ...bare, event_at: T0 + 99_000, sent_at: T0 + 99_000 })), "stale");
  assertEquals((await rows(database)).user_a!.first_name, "versioned");
});

test("orders payloads without updated_at by event time, or by the time they were sent", async () => {
  const bare = (sentAt: number, name: string) =>
    profile("user_a", 0, { updated_at: undefined, event_at: undefined, sent_at: T0 + sentAt, first_name: name });
  assertEquals(await apply(database, bare(2, "second"), bare(1, "first"), bare(3, "third")), [
    "created",
    "stale",
    "updated",
  ]);
  assertEquals((await rows(database)).user_a!.first_name, "third");
});

test("ignores the time of a delivery attempt when versions differ", async () => {
  const timeless = (id: string, sentAt: number, name: string) =>
    profile("user_a", 1, { message_id: id, event_at: undefined, sent_at: T0 + sentAt, first_name: name });
  assertEquals(await apply(database, timeless("msg_b", 1, "b"), timeless("msg_a", 9_000, "a")), ["created", "stale"]);
});

test("keeps a deleted user deleted despite later messages", async () => {
  assertEquals(await apply(database, profile("user_a", 1), deletion("user_a", 2)), ["created", "deleted"]);
  const late = [
    profile("user_a", 9),
    profile("user_a", 1, { type: "user.created" }),
    signIn("user_a", 9),
    deletion("user_a", 9),
  ];
  assertEquals(await apply(database, ...late), ["stale", "stale", "stale", "unchanged"]);
  assertEquals(await rows(database), {});
});

test("keeps a user deleted if the deletion arrives first", async () => {
  assertEquals(await apply(database, deletion("user_a", 2), profile("user_a", 1)), ["deleted", "stale"]);
  assertEquals(await rows(database), {});
});

test("removes personal data when it writes the tombstone", async () => {
  await apply(database, profile("user_a", 1, { email: "ada@example.com", last_sign_in_at: T0 }), deletion("user_a", 2));
  const [{ known } = {}] = await database.query(
    `select to_jsonb(users) - 'version' - 'version_event' - 'version_rank' - 'version_message' - 'deleted_by' - 'known_since' as known
     from clerk.users`,
  );
  assertEquals(known, {
    user_id: "user_a",
    email_address: null,
    email_verified: false,
    created_at: null,
    last_sign_in_at: null,
    deleted_at: instant(2),
  });
});

test("hides the row of a softly deleted user, and removes its address", async () => {
  await apply(database, profile("user_a", 1, { email: "ada@example.com", first_name: "Ada" }));
  assertEquals(await one(deletion("user_a", 2, { delete_mode: "soft" })), "deleted");
  const { email, first_name, deleted_at } = (await rows(database)).user_a!;
  assertEquals([email, first_name, deleted_at], [null, "Ada", instant(2)]);
  assertEquals(await one(profile("user_a", 9)), "stale");
  assertEquals(await one(deletion("user_b", 2, { delete_mode: "soft" })), "deleted");
  assertEquals(Object.keys(await rows(database)), ["user_a"]);
});

test("deletes a row that a soft delete left if a hard delete follows", async () => {
  await apply(database, profile("user_a", 1, { first_name: "Ada" }), deletion("user_a", 2, { delete_mode: "soft" }));
  assertEquals(await apply(database, deletion("user_a", 3), deletion("user_a", 4)), ["deleted", "unchanged"]);
  assertEquals(await rows(database), {});
});

test("keeps users created before 1970, or in the last century", async () => {
  await apply(
    database,
    profile("user_a", 1, { created_at: -1 }),
    profile("user_b", 1, { created_at: 915_148_800_000 }),
  );
  const created = Object.values(await rows(database)).map(({ created_at }) => created_at);
  assertEquals(created, ["1970-01-01T00:00:00+00:00", "1999-01-01T00:00:00+00:00"]);
});

test("applies a message id once, even for two users", async () => {
  const [first, second] = [
    profile("user_a", 1, { message_id: "msg_x" }),
    profile("user_b", 1, { message_id: "msg_x" }),
  ];
  assertEquals(await apply(database, first, second), ["created", "duplicate"]);
});

test("restores a user after its tombstone was lifted, in either delete mode", async () => {
  for (const delete_mode of ["hard", "soft"] as const) {
    await forget(database);
    const change = profile("user_a", 1, { email: "ada@example.com" });
    await apply(database, change, deletion("user_a", 2, { delete_mode }));
    const lift = async () =>
      (await database.query("select clerk.lift_tombstone('user_a', 'user_b') as lifted"))[0]!.lifted;
    assertEquals([await lift(), await lift()], [1, 0]);
    // A message replayed from Clerk's dashboard keeps its id.
    assertEquals(await one(change), delete_mode === "hard" ? "created" : "updated");
    const { email, deleted_at } = (await rows(database)).user_a!;
    assertEquals([email, deleted_at], ["ada@example.com", null]);
  }
});

test("keeps a sign-in between a lifted tombstone and the next profile, and the other changes of the call", async () => {
  const ada = profile("user_a", 1, { email: "ada@example.com", last_sign_in_at: T0 + 1 });
  await apply(database, ada, deletion("user_a", 2, { delete_mode: "soft" }));
  await database.query("select clerk.lift_tombstone('user_a')");
  assertEquals(await apply(database, profile("user_b", 1), signIn("user_a", 5)), ["created", "updated"]);
  const { created_at, last_sign_in_at } = (await rows(database)).user_a!;
  assertEquals([created_at, last_sign_in_at], [instant(0), instant(5)]);
  assertEquals(await one(profile("user_a", 6, { email: "ada@example.com" })), "updated");
  assertEquals((await rows(database)).user_a!.last_sign_in_at, instant(5));
});

test("gives an address to the verified claimant, then to the newest, then by user id", async () => {
  const claim = (id: string, version: number, email_verified: boolean) =>
    profile(id, version, { email: "x@example.com", email_verified });
  await apply(database, claim("user_b", 5, false), claim("user_a", 6, false));
  assertEquals(await emails(database), { user_a: "x@example.com", user_b: null });
  await apply(database, claim("user_b", 7, true), claim("user_a", 8, false));
  assertEquals(await emails(database), { user_a: null, user_b: "x@example.com" });
  await apply(database, claim("user_a", 9, true), claim("user_b", 9, true));
  assertEquals(await emails(database), { user_a: null, user_b: "x@example.com" });
});

test("shows whether the address in a row is verified, however its owner changes", async () => {
  const claim = (id: string, version: number, email: string | null, email_verified: boolean) =>
    profile(id, version, { email, email_verified });
  const shown = async () =>
    Object.fromEntries(
      Object.entries(await rows(database)).map(([id, { email, email_verified }]) => [id, [email, email_verified]]),
    );
  await apply(database, claim("user_a", 1, "x@x.com", true), claim("user_b", 2, "x@x.com", false));
  assertEquals(await shown(), { user_a: ["x@x.com", true], user_b: [null, false] });
  await apply(database, claim("user_a", 3, "y@x.com", false));
  assertEquals(await shown(), { user_a: ["y@x.com", false], user_b: ["x@x.com", false] });
  assertEquals(await apply(database, claim("user_a", 4, "y@x.com", true)), ["updated"]);
  await apply(database, claim("user_b", 5, "x@x.com", true), claim("user_c", 6, "x@x.com", true));
  assertEquals(await shown(), { user_a: ["y@x.com", true], user_b: [null, false], user_c: ["x@x.com", true] });
  await apply(database, deletion("user_c", 7, { delete_mode: "soft" }), claim("user_a", 8, null, true));
  assertEquals(await shown(), { user_a: [null, false], user_b: ["x@x.com", true], user_c: [null, false] });
  await apply(database, claim("user_b", 9, "", true));
  assertEquals((await shown()).user_b, [null, false]);
});

test("compares addresses in lower case, and stores Clerk's spelling", async () => {
  await apply(
    database,
    profile("user_a", 1, { email: "Ada@Example.com" }),
    profile("user_b", 2, { email: "ada@example.COM" }),
  );
  assertEquals(await emails(database), { user_a: null, user_b: "ada@example.COM" });
  await apply(database, deletion("user_b", 3));
  assertEquals(await emails(database), { user_a: "Ada@Example.com" });
});

test("passes an address on when its owner changes address, loses its rank or is deleted", async () => {
  const claim = (id: string, version: number, email: string | null, email_verified = true) =>
    profile(id, version, { email, email_verified });
  await apply(database, claim("user_a", 1, "x@example.com"), claim("user_b", 2, "x@example.com"));
  await apply(database, claim("user_b", 3, "y@example.com"));
  assertEquals(await emails(database), { user_a: "x@example.com", user_b: "y@example.com" });
  await apply(database, claim("user_b", 4, "x@example.com"), claim("user_b", 5, "x@example.com", false));
  assertEquals(await emails(database), { user_a: "x@example.com", user_b: null });
  await apply(database, claim("user_a", 6, null));
  assertEquals(await emails(database), { user_a: null, user_b: "x@example.com" });
  await apply(database, claim("user_a", 7, "x@example.com", false), deletion("user_a", 8));
  assertEquals(await emails(database), { user_b: "x@example.com" });
});

test("swaps addresses between two users, and rotates them among three", async () => {
  const claim = (id: string, version: number, email: string) => profile(id, version, { email, email_verified: true });
  await apply(database, claim("user_a", 1, "a@x.com"), claim("user_b", 1, "b@x.com"), claim("user_c", 1, "c@x.com"));
  await apply(database, claim("user_a", 2, "b@x.com"), claim("user_b", 2, "a@x.com"));
  assertEquals(await emails(database), { user_a: "b@x.com", user_b: "a@x.com", user_c: "c@x.com" });
  await apply(database, claim("user_a", 3, "c@x.com"), claim("user_c", 3, "a@x.com"), claim("user_b", 3, "b@x.com"));
  assertEquals(await emails(database), { user_a: "c@x.com", user_b: "b@x.com", user_c: "a@x.com" });
});

test("keeps the latest sign-in of any message, even before the user exists or in a stale profile", async () => {
  assertEquals(await one(signIn("user_a", 5)), "unchanged");
  assertEquals(await rows(database), {});
  assertEquals(await one(profile("user_a", 2, { last_sign_in_at: T0 + 1 })), "created");
  assertEquals((await rows(database)).user_a!.last_sign_in_at, instant(5));
  assertEquals(await one(signIn("user_a", 4)), "unchanged");
  assertEquals(await one(profile("user_a", 1, { last_sign_in_at: T0 + 7 })), "stale");
  assertEquals((await rows(database)).user_a!.last_sign_in_at, instant(7));
  assertEquals(await one(signIn("user_a", 8)), "updated");
});

test("keeps the earliest creation of any message", async () => {
  const late = profile("user_a", 2, { created_at: undefined });
  assertEquals(await apply(database, late, profile("user_a", 1, { created_at: T0 })), ["created", "stale"]);
  assertEquals((await rows(database)).user_a!.created_at, instant(0));
});

test("writes no row if no stored column differs", async () => {
  await apply(database, profile("user_a", 1, { email: "ada@example.com", metadata: { a: 1 } }));
  const version = async () =>
    (await database.query("select xmin::text as x, to_jsonb(updated_at) as at from public.users"))[0];
  const before = await version();
  assertEquals(await one(profile("user_a", 2, { email: "ada@example.com", metadata: { a: 1 } })), "unchanged");
  assertEquals(await version(), before);
  assertEquals(await one(profile("user_a", 1, { metadata: { a: 2 } })), "stale");
  assertEquals(await version(), before);
});

test("refuses an invalid change with a code, and applies the rest", async () => {
  const poison: Array<[unknown, string]> = [
    [7, "CHANGE_INVALID"],
    [null, "CHANGE_INVALID"],
    [["user.updated"], "CHANGE_INVALID"],
    [{}, "TYPE_UNKNOWN"],
    [{ ...profile("user_a", 1), type: "user.renamed" }, "TYPE_UNKNOWN"],
    [{ ...profile("user_a", 1), user_id: null }, "USER_ID_INVALID"],
    [{ ...profile("user_a", 1), user_id: "" }, "USER_ID_INVALID"],
    [{ ...profile("user_a", 1), user_id: "u".repeat(10_000) }, "USER_ID_INVALID"],
    [{ ...profile("user_a", 1), message_id: "m".repeat(10_000) }, "MESSAGE_ID_INVALID"],
    [{ ...profile("user_a", 1), sent_at: null }, "TIME_INVALID"],
    [{ ...profile("user_a", 1), updated_at: "yesterday" }, "TIME_INVALID"],
    [{ ...profile("user_a", 1), event_at: {} }, "TIME_INVALID"],
    [{ ...profile("user_a", 1), updated_at: -1 }, "TIME_INVALID"],
    [{ ...profile("user_a", 1), created_at: "invalid" }, "TIME_INVALID"],
    [{ ...profile("user_a", 1), sent_at: 1e300 }, "TIME_INVALID"],
    [{ ...profile("user_a", 1), last_sign_in_at: 253402300799999 }, "TIME_IN_FUTURE"],
    [{ ...profile("user_a", 1), updated_at: 1e300 }, "TIME_IN_FUTURE"],
    [{ ...profile("user_a", 1), email: "a".repeat(10_000) }, "EMAIL_TOO_LONG"],
    [{ ...deletion("user_a", 1), delete_mode: "Soft" }, "DELETE_MODE_INVALID"],
  ];
  const changes = poison.flatMap(([change], index) => [change, profile(`user_${index}`, 1)]);
  const expected = poison.flatMap(([, code]) => [`refused ${code}`, "created"]);
  assertEquals(await apply(database, ...changes), expected);
  assertEquals(await count("public.users"), poison.length);
});

test("refuses a change with a problem, under the sender's code", async () => {
  for (const problem of ["EVENT_INVALID", "deletion", "extras"]) {
    assertEquals(await one({ ...profile("user_a", 1), problem }), `refused ${problem}`);
  }
  assertEquals(await rows(database), {});
});

test("never raises for a time, however large, small or odd", async () => {
  const odd = [1e300, -1e300, 1e15, 1e16, "1e400", -1, 0.5, "5", "NaN", "Infinity", "-Infinity", "", [], {}, true];
  const keys = ["sent_at", "event_at", "updated_at", "created_at", "last_sign_in_at"];
  const changes = keys.flatMap((key) => odd.map((time) => ({ ...profile("user_a", 1), [key]: time })));
  const sign = keys.flatMap((key) => odd.map((time) => ({ ...signIn("user_a", 1), [key]: time })));
  const kept = keys.flatMap((key) =>
    odd.map((time) => ({ ...signIn("user_a", 1), user_id: null, data: {}, [key]: time }))
  );
  const outcomes = await apply(database, ...changes, ...sign, ...kept);
  assertEquals(outcomes.length, 3 * keys.length * odd.length);
  const literal =
    `[{"type":"user.updated","message_id":"msg_odd","user_id":"user_b","sent_at":1e400,"event_at":1e400}]`;
  const [found] = await database.query("select public.apply_clerk_changes($1::jsonb) as outcomes", [literal]);
  assertEquals(found!.outcomes, [{ outcome: "refused", code: "TIME_INVALID" }]);
  assertEquals(await apply(database, profile("user_c", 1)), ["created"]);
});

test("accepts a time up to 24 h ahead of Clerk's clock, and not one millisecond more", async () => {
  const day = 86_400_000;
  assertEquals(await one(profile("user_a", day, { sent_at: T0 })), "created");
  assertEquals(await one(profile("user_a", day + 1, { sent_at: T0 })), "refused TIME_IN_FUTURE");
});

test("records a refusal, and applies the same message once it is valid", async () => {
  const change = profile("user_a", 1);
  assertEquals(await one({ ...change, updated_at: "soon" }), "refused TIME_INVALID");
  const recorded = () => database.query("select user_id, outcome, code from clerk.messages");
  assertEquals(await recorded(), [{ user_id: "user_a", outcome: "refused", code: "TIME_INVALID" }]);
  assertEquals(await one(change), "created");
  assertEquals(await recorded(), [{ user_id: "user_a", outcome: "created", code: null }]);
  assertEquals(await one({ ...change, updated_at: "soon" }), "duplicate");
});

test("stores names of 10,000 characters and values of odd types as text", async () => {
  const odd = { first_name: "a".repeat(10_000), last_name: 7, metadata: ["not", "an", "object"] };
  assertEquals(await one({ ...profile("user_a", 1), ...odd }), "created");
  const { first_name, last_name, metadata } = (await rows(database)).user_a!;
  assertEquals([(first_name as string).length, last_name, metadata], [10_000, "7", {}]);
});

test("accepts a list of 500 changes, and rejects more or anything but a list", async () => {
  const page = Array.from(
    { length: 500 },
    (_, index) => profile(`user_${index}`, 1, { email: `${index}@example.com` }),
  );
  assertEquals(new Set(await apply(database, ...page)), new Set(["created"]));
  for (const argument of [JSON.stringify([...page, page[0]]), '{"changes":[]}', "null"]) {
    const failure = await database.query("select public.apply_clerk_changes($1::jsonb)", [argument]).then(
      () => undefined,
      (error) => error.code,
    );
    assertEquals(failure, "22023", argument.slice(0, 40));
  }
});

test("gives a batch the same outcomes as single calls", async () => {
  const changes = [
    ...[profile("user_a", 1, { email: "x@example.com" }), profile("user_b", 2, { email: "x@example.com" })],
    ...[profile("user_a", 3), signIn("user_b", 4), deletion("user_b", 5), profile("user_b", 6), signIn("user_c", 7)],
  ];
  const batch = await apply(database, ...changes);
  const inBatch = await rows(database);
  await forget(database);
  const singles = [];
  for (const change of changes) singles.push(await one(change));
  assertEquals([batch, inBatch], [singles, await rows(database)]);
});

test("requires the isolation level read committed", async () => {
  await database.script("begin isolation level repeatable read");
  const failure = await database.query("select public.apply_clerk_changes('[]')").then(
    () => undefined,
    (error) => error.code,
  );
  await database.script("rollback");
  assertEquals(failure, "25001");
});

test("keeps no personal data in the ledger", async () => {
  await apply(
    database,
    profile("user_a", 1, { email: "ada@example.com", first_name: "Ada", metadata: { city: "London" } }),
  );
  const ledger = JSON.stringify(await database.query("select * from clerk.messages"));
  assert(ledger.includes("user_a"), ledger);
  for (const personal of ["ada@", "Ada", "London"]) assertEquals(ledger.includes(personal), false, ledger);
});
