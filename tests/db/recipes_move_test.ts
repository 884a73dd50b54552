/** Tests docs/recipes/move-instances.md: runs its SQL with the page's ids, and checks the users' rows afterwards. */
import { assertEquals, assertRejects } from "@std/assert";
import { apply, deletion, profile, rows } from "../helpers/database/changes.ts";
import { STORAGE_SQL } from "../helpers/database/storage.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();
const move = await documentedCode("docs/recipes/move-instances.md", "move_clerk_instance");
await database.script(`${STORAGE_SQL} create table public.notes (user_id uuid references public.users (id));`);

const test = testsOf("moving instances: ", async () => {
  await database.script(
    "truncate public.users, clerk.users, clerk.messages, clerk.instance, storage.objects, public.notes cascade",
  );
  await apply(
    database,
    profile("user_old1", 1, { email: "ada@example.com", email_verified: true, first_name: "Ada" }),
    profile("user_old2", 1, { email: "bob@example.com", email_verified: true }),
    profile("user_old3", 1, { email: "eve@example.com" }),
  );
  await database.script(
    `select public.bind_clerk_instance('ins_development');
     insert into public.notes select id from public.users;
     insert into storage.objects (bucket_id, name, owner_id)
     select 'files', id || '/a', clerk_user_id from public.users;`,
  );
});

const ids = () => database.query("select id, clerk_user_id from public.users order by id");

test("rows keep their ids, references and files under the new ids", async () => {
  const before = await ids();
  await database.script(move);
  const renamed = (id: unknown) => (id as string).replace(/old([12])/, "new$1");
  assertEquals(await ids(), before.map(({ id, clerk_user_id }) => ({ id, clerk_user_id: renamed(clerk_user_id) })));
  assertEquals((await database.query("select 1 from public.notes")).length, 3);
  const owners = await database.query("select owner_id from storage.objects order by 1");
  assertEquals(owners.map(({ owner_id }) => owner_id), ["user_new1", "user_new2", "user_old3"]);
  const [bound] = await database.query("select public.clerk_instance() ->> 'instance_id' as id");
  assertEquals(bound, { id: "ins_production" });
});

test("a backfill completes the rows, and late messages of either instance change nothing", async () => {
  await database.script(move);
  const address = { email: "ada@example.com", email_verified: true };
  assertEquals(await apply(database, profile("user_new1", 5, { ...address, first_name: "Ada L." })), ["updated"]);
  assertEquals((await rows(database)).user_new1!.email, "ada@example.com");
  assertEquals(
    await apply(
      database,
      profile("user_old1", 9, { ...address, first_name: "Late" }),
      profile("user_new1", 4, { ...address, first_name: "Late" }),
      deletion("user_old2", 10),
    ),
    ["stale", "stale", "unchanged"],
  );
  assertEquals((await rows(database)).user_new1!.first_name, "Ada L.");
  assertEquals((await ids()).length, 3);
});

test("a list that does not match the rows moves no user", async () => {
  const before = await ids();
  await apply(database, profile("user_new2", 2));
  await assertRejects(() => database.script(move), Error, "a new id has a row already");
  await database.script("rollback");
  await database.script("delete from public.users where clerk_user_id = 'user_new2'");
  await apply(database, deletion("user_old2", 3));
  await assertRejects(() => database.script(move), Error, "an old id has no live row");
  await database.script("rollback");
  assertEquals(await ids(), before);
});

testsOf("")("the move's database closes", () => database.close());
