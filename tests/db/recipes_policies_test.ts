/** Tests the policies of docs/recipes: runs them unchanged, by caller. */
import { assertEquals, assertRejects } from "@std/assert";
import { createCaller } from "../helpers/database/actors.ts";
import { REALTIME_SQL, STORAGE_SQL } from "../helpers/database/storage.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();
const { as, requireRejection } = createCaller(database);

const A = "00000000-0000-4000-8000-00000000000a";
const B = "00000000-0000-4000-8000-00000000000b";
const TEAM = "00000000-0000-4000-8000-000000000001";
await database.script(
  [
    STORAGE_SQL,
    REALTIME_SQL,
    `insert into public.users (id, clerk_user_id) values ('${A}', 'user_a'), ('${B}', 'user_b');
     insert into public.organizations (id, clerk_organization_id, name, created_at, updated_at)
     values ('${TEAM}', 'org_one', 'One', now(), now());
     insert into public.organization_memberships
       (clerk_membership_id, organization_id, user_id, role, created_at, updated_at)
     values ('orgmem_a', '${TEAM}', '${A}', 'org:admin', now(), now());
     create table public.notes (clerk_user_id text, body text);
     alter table public.notes enable row level security;
     grant select on table public.notes to authenticated;
     insert into public.notes values ('user_a', 'mine'), ('user_b', 'theirs');`,
    await documentedCode("docs/recipes/storage.md", "create policy files_own"),
    await documentedCode("docs/recipes/realtime.md", "create policy realtime_own_topic"),
    await documentedCode("docs/recipes/realtime.md", "broadcast_user"),
    await documentedCode("docs/recipes/billing.md", "create function public.caller_has_feature"),
    await documentedCode("docs/recipes/jwt-template.md", "create policy notes_select_own"),
  ].join("\n"),
);

const test = testsOf("recipes: ");
const MINE = { sub: "user_a" };
const THEIRS = { sub: "user_b" };
/** Signed in, but without access: a pending session, and a user without a row. */
const OUTSIDERS = [{ sub: "user_a", sts: "pending" }, { sub: "user_gone" }];

test("a user reads, writes and removes only files of its own folder", async () => {
  const upload = (name: string, bucket = "files") =>
    `insert into storage.objects (bucket_id, name) values ('${bucket}', '${name}')`;
  const names = "select name from storage.objects";
  await as(MINE, upload(`${A}/a.txt`));
  assertEquals([await as(MINE, names), await as(THEIRS, names)], [[`${A}/a.txt`], []]);
  for (const name of [`${A}/a.txt`, "a.txt", `x/${A}/a.txt`]) await requireRejection(THEIRS, upload(name));
  await requireRejection(MINE, upload(`${A}/a.txt`, "other"));
  await requireRejection(MINE, `update storage.objects set name = '${B}/a.txt'`);
  for (const outsider of OUTSIDERS) {
    assertEquals(await as(outsider, names), []);
    await requireRejection(outsider, upload(`${A}/b.txt`));
  }
  const removal = "delete from storage.objects returning name";
  assertEquals([await as(THEIRS, removal), await as(MINE, removal)], [[], [`${A}/a.txt`]]);
});

test("one policy with auth.uid() breaks every query of storage.objects, and the page's query finds it", async () => {
  const search = await documentedCode("docs/recipes/storage.md", "from pg_policies");
  assertEquals(await database.query(search), []);
  await database.script(
    `create policy old on storage.objects for select to authenticated
     using (bucket_id = 'avatars' and auth.uid()::text = owner_id)`,
  );
  try {
    await assertRejects(
      () => as(MINE, "select name from storage.objects"),
      Error,
      "invalid input syntax for type uuid",
    );
    assertEquals((await database.query(search)).map(({ policyname }) => policyname), ["old"]);
  } finally {
    await database.script("drop policy old on storage.objects");
  }
});

const join = (topic: string) => `set realtime.topic = '${topic}'`;
const received = "select count(*)::int from realtime.messages";

test("a user receives its own topic, and its active organization's", async () => {
  await database.script("insert into realtime.messages (topic, extension) values ('x', 'broadcast')");
  const member = { ...MINE, v: 2, o: { id: "org_one", rol: "admin" } };
  assertEquals(await as(MINE, join(`user:${A}`), received), [1]);
  assertEquals(await as(THEIRS, join(`user:${A}`), received), [0]);
  assertEquals(await as(member, join(`organization:${TEAM}`), received), [1]);
  assertEquals(await as(MINE, join(`organization:${TEAM}`), received), [0]);
  for (const outsider of OUTSIDERS) assertEquals(await as(outsider, join(`user:${A}`), received), [0]);
});

test("a member sends to the active organization's topic, and no caller to a user's", async () => {
  const send = "insert into realtime.messages (topic, extension) values (realtime.topic(), 'broadcast')";
  const member = { ...MINE, v: 2, o: { id: "org_one", rol: "admin" } };
  assertEquals(await as(member, join(`organization:${TEAM}`), send), []);
  await as(THEIRS, join(`organization:${TEAM}`));
  await requireRejection({ ...THEIRS, v: 2, o: { id: "org_one", rol: "admin" } }, send);
  await as(MINE, join(`user:${A}`));
  await requireRejection(MINE, send);
});

test("a row changed by the service role is broadcast to its user", async () => {
  await database.script("truncate realtime.messages; set role service_role");
  try {
    await database.script(`update public.users set first_name = 'Ada' where id = '${A}'`);
  } finally {
    await database.script("reset role");
  }
  const [message] = await database.query(
    "select topic, event, payload #>> '{record,first_name}' as name from realtime.messages",
  );
  assertEquals(message, { topic: `user:${A}`, event: "UPDATE", name: "Ada" });
});

test("a feature of the user's or the organization's plan allows an insert", async () => {
  const add = "insert into public.exports default values";
  for (const fea of ["u:export", "o:dashboard,uo:export", "o:export", "ou:export", "u:a, u:export"]) {
    await as({ ...MINE, fea }, add);
  }
  for (const fea of [undefined, "", "u:exports", "x:export", "export", "u:dashboard"]) {
    await requireRejection({ ...MINE, fea }, add);
  }
  await requireRejection({ ...MINE, fea: "u:export", sts: "pending" }, add);
  assertEquals(await as(MINE, "select count(*)::int from public.exports"), [5]);
  assertEquals(await as(THEIRS, "select count(*)::int from public.exports"), [0]);
});

test("a policy on sub serves tokens of the JWT template and session tokens alike", async () => {
  const bodies = "select body from public.notes";
  const template = { sub: "user_a", aud: "authenticated", email: "ada@example.com", app_metadata: {} };
  assertEquals([await as(template, bodies), await as({ ...MINE, sts: "active", v: 2 }, bodies)], [["mine"], ["mine"]]);
  assertEquals(await as({ ...MINE, sts: "pending" }, bodies), []);
});

test("the search finds policies, defaults and functions that use auth.uid() or requesting_user_id()", async () => {
  const search = await documentedCode("docs/recipes/jwt-template.md", "from pg_attrdef");
  assertEquals(await database.query(search), []);
  await database.script(
    `create function public.requesting_user_id() returns text language sql stable as $$ select auth.jwt() ->> 'sub' $$;
     create table public.old (owner uuid default auth.uid(), name text default public.requesting_user_id());
     create policy old_select on public.old for select using (public.requesting_user_id() = name);
     create function public.mine() returns setof public.old language sql stable as $$
       select * from public.old where owner = auth.uid()
     $$;`,
  );
  try {
    const found = (await database.query(search)).map(({ kind, place, name }) => `${kind} ${place} ${name}`);
    assertEquals(
      found,
      [
        "default old name",
        "default old owner",
        "function public mine",
        "policy public.old old_select",
      ].map((line) =>
        line.replace("default old", found[0]!.startsWith("default public.") ? "default public.old" : "default old")
      ),
    );
  } finally {
    await database.script(
      "drop function public.mine(); drop table public.old; drop function public.requesting_user_id()",
    );
  }
});

testsOf("")("the recipes' database closes", () => database.close());
