/** Tests own columns: the adopter's columns of `public.users`, written in the same transaction as the profile. */
import { assertEquals } from "@std/assert";
import { apply, deletion, forget, profile, rows, signIn, T0 } from "../helpers/database/changes.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();
await database.script(`
  create domain public.country as text check (value ~ '^[A-Z]{2}$');
  alter table public.users
    add column phone_number text,
    add column banned boolean not null default false,
    add column plan varchar(5) default 'free',
    add column tags text[],
    add column country public.country,
    add column "Odd ""name""" text,
    add column type text,
    add column shout text generated always as (upper(first_name)) stored;
  create table public.row_changes (what text);
  grant insert on public.row_changes to service_role;
  create function public.note_row_change() returns trigger language plpgsql as $$
    begin
      insert into public.row_changes values (tg_op || ' ' || coalesce(new.phone_number, 'null'));
      return null;
    end $$;
  create trigger note after insert or update on public.users for each row execute function public.note_row_change();`);

const test = testsOf("own columns: ", async () => {
  await forget(database);
  await database.script("truncate public.row_changes");
});

const own = (version: number, columns: unknown, overrides = {}) => ({
  ...profile("user_a", version, overrides),
  own: columns,
});
const one = async (change: unknown) => (await apply(database, change))[0];
const row = async () => (await rows(database)).user_a!;
const rowChanges = async () => (await database.query("select what from public.row_changes")).map(({ what }) => what);

test("a change writes own columns with the row, each in its column's type", async () => {
  const columns = { phone_number: "+44 20", banned: true, tags: ["a", "b"], country: "GB", 'Odd "name"': 7, type: "x" };
  assertEquals(await one(own(1, columns, { first_name: "Ada" })), "created");
  const { first_name, phone_number, banned, plan, tags, country, type, shout, ...rest } = await row();
  assertEquals([first_name, phone_number, banned, plan, tags, country, type, shout, rest['Odd "name"']], [
    ...["Ada", "+44 20", true, "free", ["a", "b"], "GB", "x", "ADA", "7"],
  ]);
  assertEquals(await rowChanges(), ["INSERT +44 20"]);
});

test("a change of the name and an own column updates the row once", async () => {
  await apply(database, own(1, { phone_number: "1" }));
  assertEquals(await one(own(2, { phone_number: "2" }, { first_name: "Ada", metadata: { a: 1 } })), "updated");
  const { first_name, phone_number, metadata } = await row();
  assertEquals([first_name, phone_number, metadata], ["Ada", "2", { a: 1 }]);
  assertEquals(await rowChanges(), ["INSERT 1", "UPDATE 2"]);
});

test("a change writes no row if no column differs", async () => {
  const columns = { phone_number: "1", banned: false, tags: ["a"], country: null };
  await apply(database, own(1, columns));
  assertEquals(await one(own(2, columns)), "unchanged");
  assertEquals(await one(own(3, {})), "unchanged");
  assertEquals(await rowChanges(), ["INSERT 1"]);
});

test("a change without own leaves own columns unchanged", async () => {
  await apply(database, own(1, { phone_number: "1", banned: true }));
  assertEquals(await one(profile("user_a", 2, { first_name: "Ada" })), "updated");
  const { phone_number, banned } = await row();
  assertEquals([phone_number, banned], ["1", true]);
});

test("a change of an own column updates the row's time", async () => {
  await apply(database, own(1, { phone_number: "1" }));
  assertEquals(await one(own(9, { phone_number: "2" })), "updated");
  const [found] = await database.query("select extract(epoch from updated_at) * 1000 as at from public.users");
  assertEquals(Number(found!.at), T0 + 9);
});

test("the newest profile wins", async () => {
  assertEquals(await apply(database, own(2, { phone_number: "new" }), own(1, { phone_number: "old" })), [
    "created",
    "stale",
  ]);
  assertEquals((await row()).phone_number, "new");
});

test("a value that does not fit is refused with the column's name, and other changes are applied", async () => {
  const refused: Array<[unknown, string | undefined]> = [
    [{ nowhere: 1 }, "nowhere"],
    [{ "first_name": "Eve" }, "first_name"],
    [{ id: crypto.randomUUID() }, "id"],
    [{ deleted_at: null }, "deleted_at"],
    [{ clerk_user_id: "user_b" }, "clerk_user_id"],
    [{ shout: "EVE" }, "shout"],
    [{ xmin: 1 }, "xmin"],
    [{ phone_number: "1", banned: "secret" }, "banned"],
    [{ banned: null }, "banned"],
    [{ plan: "secret" }, "plan"],
    [{ country: "secret" }, "country"],
    [{ tags: "secret" }, "tags"],
    [["phone_number"], undefined],
    ["secret", undefined],
  ];
  for (const [index, [columns, column]] of refused.entries()) {
    const change = { ...profile(`user_${index}`, 1), own: columns };
    assertEquals(
      await apply(database, change, profile(`user_n${index}`, 1)),
      ["refused OWN_COLUMN_INVALID", "created"],
      JSON.stringify(columns),
    );
    const [message] = await database.query("select outcome, code, detail from clerk.messages where message_id = $1", [
      change.message_id,
    ]);
    assertEquals(message, {
      outcome: "refused",
      code: "OWN_COLUMN_INVALID",
      detail: column === undefined ? {} : { column },
    });
  }
  assertEquals(JSON.stringify(await database.query("select * from clerk.messages")).includes("secret"), false);
});

test("the response names the column", async () => {
  const [found] = await database.query("select public.apply_clerk_changes($1::jsonb) as outcomes", [
    JSON.stringify([own(1, { nowhere: 1 })]),
  ]);
  assertEquals(found!.outcomes, [{ outcome: "refused", code: "OWN_COLUMN_INVALID", detail: { column: "nowhere" } }]);
});

test("a change with an unreadable own column is refused with the column's name", async () => {
  const unreadable = { ...profile("user_a", 1), problem: "OWN_COLUMN_INVALID", detail: { column: "phone_number" } };
  assertEquals(await apply(database, unreadable, profile("user_b", 1)), ["refused OWN_COLUMN_INVALID", "created"]);
  const [message] = await database.query("select code, detail from clerk.messages where user_id = 'user_a'");
  assertEquals(message, { code: "OWN_COLUMN_INVALID", detail: { column: "phone_number" } });
});

test("a refused message is applied once its values fit", async () => {
  const change = own(1, { nowhere: 1 });
  assertEquals(await one(change), "refused OWN_COLUMN_INVALID");
  assertEquals(await one({ ...change, own: { phone_number: "1" } }), "created");
  assertEquals(await database.query("select outcome, code, detail from clerk.messages"), [
    { outcome: "created", code: null, detail: null },
  ]);
  assertEquals(await one(change), "duplicate");
});

test("deletions and sessions ignore own columns", async () => {
  await apply(database, own(1, { phone_number: "1" }));
  const odd = { own: { nowhere: 1 } };
  assertEquals(await one({ ...signIn("user_a", 2), ...odd }), "updated");
  assertEquals(await one({ ...deletion("user_a", 3), ...odd }), "deleted");
});

test("a soft delete keeps own columns, and the next profile after lift_tombstone() writes them", async () => {
  await apply(database, own(1, { phone_number: "1" }), deletion("user_a", 2, { delete_mode: "soft" }));
  assertEquals((await row()).phone_number, "1");
  await database.query("select clerk.lift_tombstone('user_a')");
  assertEquals(await one(own(3, { phone_number: "2" })), "updated");
  assertEquals((await row()).phone_number, "2");
});

test("clerk.base_columns() has exactly the bundle's columns of public.users", async () => {
  const fresh = await openMigrated();
  const [found] = await fresh.query(`
    select clerk.base_columns() as listed, array_agg(attname::text order by attname) as present
    from pg_attribute where attrelid = 'public.users'::regclass and attnum > 0 and not attisdropped`);
  assertEquals((found!.listed as string[]).toSorted(), found!.present);
  await fresh.close();
});
