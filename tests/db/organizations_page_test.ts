/** Tests docs/organizations.md: runs its policies unchanged, by actor. */
import { assertEquals } from "@std/assert";
import { createCaller } from "../helpers/database/actors.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import { STORAGE_SQL } from "../helpers/database/storage.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();

const ONE = "00000000-0000-4000-8000-000000000001";
const TWO = "00000000-0000-4000-8000-000000000002";
const PEOPLE = `
  insert into public.users (id, clerk_user_id)
  select ('00000000-0000-4000-8000-00000000000' || letter)::uuid, 'user_' || letter
  from unnest(array['a', 'b', 'c', 'd']) as letter;
  insert into public.organizations (id, clerk_organization_id, name, created_at, updated_at) values
  ('${ONE}', 'org_one', 'One', now(), now()), ('${TWO}', 'org_two', 'Two', now(), now());
  insert into public.organization_memberships
    (clerk_membership_id, organization_id, user_id, role, created_at, updated_at)
  select 'orgmem_' || letter, organization::uuid, ('00000000-0000-4000-8000-00000000000' || letter)::uuid, role, now(), now()
  from (values ('a', '${ONE}', 'org:admin'), ('b', '${ONE}', 'org:member'), ('c', '${TWO}', 'org:admin'))
    as members (letter, organization, role);`;

await database.script(
  [
    STORAGE_SQL,
    PEOPLE,
    await documentedCode("docs/organizations.md", "create table public.invoices"),
    await documentedCode("docs/organizations.md", "create policy team_select"),
    await documentedCode("docs/organizations.md", "select_co_members"),
  ].join("\n"),
);

const test = testsOf("docs/organizations.md: ", () =>
  database.script(`
    reset role;
    truncate public.invoices, storage.objects;
    insert into public.invoices (organization_id, number) values ('${ONE}', 'one'), ('${TWO}', 'two');
    insert into storage.objects (bucket_id, name, owner_id) values
    ('team', '${ONE}/plan.pdf', 'user_a'), ('team', '${TWO}/plan.pdf', 'user_c'), ('other', '${ONE}/x', 'user_a');`));

/** Callers: an admin and a member of one, a member of two, a removed member, and a user without an organization. */
const ACTORS = {
  admin: { sub: "user_a", o: { id: "org_one", rol: "admin", per: "read,delete", fpm: "1" } },
  member: { sub: "user_b", o: { id: "org_one", rol: "member", per: "read,delete", fpm: "2" } },
  other: { sub: "user_c", o: { id: "org_two", rol: "admin" } },
  intruder: { sub: "user_c", o: { id: "org_one", rol: "admin" } },
  removed: { sub: "user_d", o: { id: "org_one", rol: "admin" } },
  loner: { sub: "user_a" },
  pending: { sub: "user_a", sts: "pending", o: { id: "org_one", rol: "admin" } },
};
type Actor = keyof typeof ACTORS;

const claimsOf = (actor: Actor) => ({ v: 2, fea: "o:invoices", ...ACTORS[actor] });
const caller = createCaller(database);
const as = (actor: Actor, ...statements: string[]) => caller.as(claimsOf(actor), ...statements);
const refused = (actor: Actor, statement: string) => caller.requireRejection(claimsOf(actor), statement);

const numbers = "select number from public.invoices order by 1";
const OUTSIDERS: Actor[] = ["intruder", "removed", "loner", "pending"];

test("only members see the organization's invoices", async () => {
  assertEquals(await as("member", "insert into public.invoices (number) values ('new')", numbers), ["new", "one"]);
  assertEquals(await as("admin", "update public.invoices set number = number || '!'", numbers), ["new!", "one!"]);
  assertEquals(await as("other", numbers), ["two"]);
  for (const actor of OUTSIDERS) {
    assertEquals(await as(actor, numbers), [], actor);
    await refused(actor, "insert into public.invoices (number) values ('x')");
  }
});

test("only an admin deletes invoices", async () => {
  const deletion = "delete from public.invoices returning number";
  for (const actor of ["member", ...OUTSIDERS] as const) assertEquals(await as(actor, deletion), [], actor);
  assertEquals(await as("admin", deletion), ["one"]);
});

test("a permission in the token allows deleting invoices without a role", async () => {
  const policy = await documentedCode("docs/organizations.md", "create policy invoices_delete_permitted");
  const deletion = "delete from public.invoices returning number";
  await database.script(`alter policy invoices_delete on public.invoices using (false); ${policy}`);
  try {
    for (const actor of ["admin", ...OUTSIDERS] as const) assertEquals(await as(actor, deletion), [], actor);
    assertEquals(await as("member", deletion), ["one"]);
  } finally {
    await database.script("drop policy invoices_delete_permitted on public.invoices");
    const policies = await documentedCode("docs/organizations.md", "create table public.invoices");
    await database.script(
      `drop policy invoices_delete on public.invoices; ${/create policy invoices_delete [^;]*;/.exec(policies)![0]}`,
    );
  }
});

test("members see the other members of the active organization, but not their users' rows", async () => {
  const ids = "select clerk_membership_id from public.organization_memberships order by 1";
  assertEquals(await as("member", ids), ["orgmem_a", "orgmem_b"]);
  assertEquals(await as("member", "select clerk_user_id from public.users"), ["user_b"]);
  assertEquals(await as("other", ids), ["orgmem_c"]);
  assertEquals(await as("loner", ids), ["orgmem_a"]);
  assertEquals([await as("removed", ids), await as("pending", ids)], [[], []]);
  assertEquals(await as("intruder", ids), ["orgmem_c"]);
  assertEquals(await as("member", "select name from public.organizations"), ["One"]);
});

test("a policy that shows all users' rows shows nothing to a pending session or a deleted user", async () => {
  await database.script("create policy users_select_all on public.users for select to authenticated using (true)");
  await database.script("update public.users set deleted_at = now() where clerk_user_id = 'user_b'");
  try {
    for (const actor of ["pending", "member"] as const) {
      assertEquals(await as(actor, "select count(*)::int from public.users where clerk_user_id = 'user_c'"), [1]);
      for (const table of ["organization_memberships", "organizations"]) {
        assertEquals(await as(actor, `select id from public.${table}`), [], `${actor} ${table}`);
      }
      assertEquals(await as(actor, "select public.caller_user_id()"), [null], actor);
    }
    assertEquals(await as("admin", "select name from public.organizations"), ["One"]);
  } finally {
    await database.script("drop policy users_select_all on public.users; update public.users set deleted_at = null");
  }
});

test("members access files of their organization's folder, and of no other folder or bucket", async () => {
  const names = "select name from storage.objects";
  assertEquals([await as("member", names), await as("other", names)], [[`${ONE}/plan.pdf`], [`${TWO}/plan.pdf`]]);
  const upload = (name: string) => `insert into storage.objects (bucket_id, name) values ('team', '${name}')`;
  await as("member", upload(`${ONE}/notes/a.txt`));
  for (const name of [`${TWO}/a.txt`, "a.txt", `x/${ONE}/a.txt`]) await refused("member", upload(name));
  await refused("member", `update storage.objects set name = '${TWO}/a.txt' where name like '${ONE}/notes/%'`);
  for (const actor of OUTSIDERS) {
    assertEquals(await as(actor, names), [], actor);
    await refused(actor, upload(`${ONE}/a.txt`));
  }
});

test("a member deletes its own files, and an admin deletes all of them", async () => {
  const deletion = "delete from storage.objects returning name";
  await as("member", `insert into storage.objects (bucket_id, name) values ('team', '${ONE}/mine')`);
  assertEquals(await as("member", deletion), [`${ONE}/mine`]);
  assertEquals(await as("admin", deletion), [`${ONE}/plan.pdf`]);
});

test("rows with Clerk's organization id get the reference", async () => {
  await database.script("create table public.documents (clerk_org_id text)");
  await database.script("insert into public.documents values ('org_one'), ('org_two'), ('org_one')");
  await database.script(await documentedCode("docs/organizations.md", "alter table public.documents"));
  const rows = await database.query(
    "select organization_id, count(*)::int as n from public.documents group by 1 order by 1",
  );
  assertEquals(rows, [{ organization_id: ONE, n: 2 }, { organization_id: TWO, n: 1 }]);
});

testsOf("")("the database closes", () => database.close());
