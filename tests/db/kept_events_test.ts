/** Tests kept events: each event of a chosen type is kept exactly once, in the ledger's transaction. */
import { assertEquals } from "@std/assert";
import { apply, deletion, forget, profile, rows, signIn, T0 } from "../helpers/database/changes.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { membership, organization, organizationDeletion, removal } from "../helpers/database/organizations.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();

const test = testsOf("kept events: ", async () => {
  await forget(database);
  await database.script("truncate clerk.kept_events");
});

const event = (id: string, overrides = {}) => ({
  type: "subscription.updated",
  message_id: id,
  sent_at: T0 + 1,
  event_at: T0,
  data: { id: "sub_1", status: "active" },
  ...overrides,
});
const kept = () => database.query("select message_id, type, data from clerk.kept_events order by message_id");
const ledger = () =>
  database.query("select message_id, type, outcome, user_id from clerk.messages order by message_id");

test("an event is kept once, with its data", async () => {
  assertEquals(await apply(database, event("msg_a"), event("msg_a"), event("msg_b")), ["kept", "duplicate", "kept"]);
  assertEquals(await apply(database, event("msg_a", { data: { id: "other" } })), ["duplicate"]);
  const data = { id: "sub_1", status: "active" };
  const type = "subscription.updated";
  assertEquals(await kept(), [{ message_id: "msg_a", type, data }, { message_id: "msg_b", type, data }]);
  assertEquals(await ledger(), [
    { message_id: "msg_a", type, outcome: "kept", user_id: null },
    { message_id: "msg_b", type, outcome: "kept", user_id: null },
  ]);
  const [times] = await database.query("select extract(epoch from event_at) * 1000 as at from clerk.kept_events");
  assertEquals(Number(times!.at), T0);
});

test("an event about a user is kept, and the user is settled", async () => {
  const changes = [profile("user_a", 1), signIn("user_a", 2), profile("user_a", 0), deletion("user_a", 3)];
  const keeping = changes.map((change) => ({ ...change, data: { of: change.type } }));
  assertEquals(await apply(database, ...keeping), ["created", "updated", "stale", "deleted"]);
  assertEquals((await kept()).length, 4);
});

test("an event without a user is only kept, even if its type is a stored one", async () => {
  const impersonated = { ...signIn("user_a", 1), user_id: undefined, data: { actor: {} } };
  assertEquals(await apply(database, impersonated), ["kept"]);
  assertEquals([await rows(database), (await kept()).length], [{}, 1]);
});

test("an event of an organization or a membership without its id is refused, not only kept", async () => {
  const nameless = [
    organizationDeletion("", 1),
    organization("", 2),
    removal("", 3),
    membership("", ["org_a", "user_a"], 4),
  ];
  const outcomes = await apply(database, ...nameless.map((change) => ({ ...change, data: {} })));
  const [ofOrganization, ofMembership] = ["refused ORGANIZATION_ID_INVALID", "refused MEMBERSHIP_ID_INVALID"];
  assertEquals(outcomes, [ofOrganization, ofOrganization, ofMembership, ofMembership]);
  assertEquals(await kept(), []);
});

test("a refused event is not kept until it is valid", async () => {
  const refused: Array<[Record<string, unknown>, string]> = [
    [{ message_id: undefined }, "MESSAGE_ID_INVALID"],
    [{ message_id: "" }, "MESSAGE_ID_INVALID"],
    [{ message_id: "m".repeat(256) }, "MESSAGE_ID_INVALID"],
    [{ type: undefined }, "TYPE_UNKNOWN"],
    [{ type: "t".repeat(256) }, "TYPE_UNKNOWN"],
    [{ user_id: "user_a" }, "TYPE_UNKNOWN"],
    [{ event_at: "invalid" }, "TIME_INVALID"],
    [{ sent_at: undefined }, "TIME_INVALID"],
    [{ event_at: -1 }, "TIME_INVALID"],
    [{ event_at: T0 + 86_400_002 }, "TIME_IN_FUTURE"],
  ];
  for (const [overrides, code] of refused) {
    assertEquals(await apply(database, event("msg_a", overrides)), [`refused ${code}`], JSON.stringify(overrides));
  }
  assertEquals(await kept(), []);
  assertEquals(await apply(database, event("msg_a")), ["kept"]);
  assertEquals((await kept()).length, 1);
});

test("an adopter's trigger fires once per event", async () => {
  await database.script(`
    create table public.billing (subscription text primary key, status text, at timestamptz);
    grant select, insert, update on public.billing to service_role;
    create function public.bill() returns trigger language plpgsql set search_path = '' as $$
      begin
        insert into public.billing values (new.data ->> 'id', new.data ->> 'status', new.event_at)
        on conflict (subscription) do update set status = excluded.status, at = excluded.at
        where billing.at < excluded.at;
        return null;
      end $$;
    create trigger bill after insert on clerk.kept_events for each row
    when (new.type like 'subscription.%') execute function public.bill();`);
  const canceled = event("msg_b", { event_at: T0 + 1, data: { id: "sub_1", status: "canceled" } });
  assertEquals(await apply(database, canceled, event("msg_a"), canceled), ["kept", "kept", "duplicate"]);
  assertEquals(await database.query("select status from public.billing"), [{ status: "canceled" }]);
});

test("prune_messages() removes kept events with the ledger", async () => {
  await apply(database, event("msg_a"), event("msg_b"), profile("user_a", 1));
  for (const table of ["messages", "kept_events"]) {
    await database.script(`
      update clerk.${table} set received_at = now() - interval '91 days' where message_id = 'msg_a'`);
  }
  const [found] = await database.query("select clerk.prune_messages('90 days') as pruned");
  assertEquals(Number(found!.pruned), 2);
  assertEquals((await kept()).map(({ message_id }) => message_id), ["msg_b"]);
  assertEquals((await ledger()).length, 2);
});

test("an event without its ledger row is not kept twice while the kept event exists", async () => {
  await apply(database, event("msg_a"));
  await database.script("delete from clerk.messages");
  assertEquals(await apply(database, event("msg_a", { data: { id: "again" } })), ["kept"]);
  assertEquals((await kept()).map(({ data }) => data), [{ id: "sub_1", status: "active" }]);
});
