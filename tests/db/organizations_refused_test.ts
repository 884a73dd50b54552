/** Tests organizations and memberships that the adopter's schema refuses or keeps: other changes are not affected. */
import { assertEquals } from "@std/assert";
import { openDatabase } from "../../project/database/database.ts";
import { apply, deletion, profile } from "../helpers/database/changes.ts";
import {
  forgetOrganizations,
  membership,
  organization,
  organizationDeletion,
  organizations,
  removal,
  rights,
} from "../helpers/database/organizations.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openDatabase();
const { query, script } = database;

const test = testsOf("apply_clerk_changes() ", async () => {
  await script("rollback");
  await forgetOrganizations(database);
});

/** Runs a test with a schema that is removed afterwards. */
async function withSchema(plant: string, run: () => Promise<void>): Promise<void> {
  await script(`begin; ${plant}`);
  try {
    await run();
  } finally {
    await script("rollback");
  }
}

const member = (id: string, user: string, version: number, overrides = {}) =>
  membership(id, ["org_a", user], version, overrides);
const open = async () =>
  (await query(`
    select coalesce(user_id, organization_id, membership_id) || ' ' || type || ' ' || code as refusal
    from clerk.refusals as refusal where clerk.is_open_refusal(refusal) order by 1`)).map(({ refusal }) => refusal);
const detailOf = async (messageId: unknown) =>
  (await query("select detail from clerk.messages where message_id = $1", [messageId]))[0]!.detail;
/** Retries every refused deletion and membership, as the database's service does. */
const retry = async () => {
  await script("set role service_role");
  const [row] = await query("select public.retry_clerk_organizations(10, 'hard') as answer");
  await script("reset role");
  return row!.answer;
};

const REFUSING_ORGANIZATION = "alter table public.organizations add constraint short check (char_length(name) < 20)";
const REFUSING_MEMBERSHIP =
  "alter table public.organization_memberships add constraint known check (role <> 'org:odd')";
const LONG = "x".repeat(30);

test("refuses one organization that the schema refuses, and applies the others", () =>
  withSchema(REFUSING_ORGANIZATION, async () => {
    const bad = organization("org_bad", 1, { name: LONG });
    assertEquals(
      await apply(database, profile("user_a", 1), organization("org_a", 1), bad, member("orgmem_1", "user_a", 1)),
      [
        "created",
        "created",
        "refused SCHEMA_REFUSED",
        "created",
      ],
    );
    assertEquals(await detailOf(bad.message_id), {
      sqlstate: "23514",
      table: "public.organizations",
      constraint: "short",
    });
    assertEquals(await open(), ["org_bad organization.updated SCHEMA_REFUSED"]);
    assertEquals(await apply(database, { ...bad, name: "short" }), ["created"]);
    assertEquals(await open(), []);
  }));

test("refuses one membership that the schema refuses, and applies the others", () =>
  withSchema(REFUSING_MEMBERSHIP, async () => {
    await apply(database, profile("user_a", 1), profile("user_b", 1), organization("org_a", 1));
    const bad = member("orgmem_1", "user_a", 1, { role: "org:odd" });
    assertEquals(await apply(database, bad, member("orgmem_2", "user_b", 1)), ["refused SCHEMA_REFUSED", "created"]);
    assertEquals(await rights(database), { "org_a/user_b": "orgmem_2 org:member" });
    assertEquals(await open(), ["orgmem_1 organizationMembership.updated SCHEMA_REFUSED"]);
    await script("alter table public.organization_memberships drop constraint known");
    assertEquals(await apply(database, bad), ["created"]);
    assertEquals(await open(), []);
  }));

test("creates a user or an organization whose pending membership the schema refuses, and retries the membership", () =>
  withSchema(REFUSING_MEMBERSHIP, async () => {
    await apply(database, member("orgmem_1", "user_a", 1, { role: "org:odd" }), member("orgmem_2", "user_b", 1));
    assertEquals(await apply(database, profile("user_b", 1), profile("user_a", 1), organization("org_a", 1)), [
      "created",
      "created",
      "created",
    ]);
    assertEquals(await rights(database), { "org_a/user_b": "orgmem_2 org:member" });
    assertEquals(await open(), ["orgmem_1 membership SCHEMA_REFUSED"]);
    assertEquals(await retry(), [{ membership_id: "orgmem_1", outcome: "refused", code: "SCHEMA_REFUSED" }]);
    await script("alter table public.organization_memberships drop constraint known");
    assertEquals(await retry(), [{ membership_id: "orgmem_1", outcome: "created" }]);
    assertEquals([Object.keys(await rights(database)), await open()], [["org_a/user_a", "org_a/user_b"], []]);
  }));

const KEEPING_ORGANIZATION =
  "create table public.invoices (organization_id uuid references public.organizations (id) on delete restrict)";

test("hides an organization whose row the schema keeps, and retries the deletion", () =>
  withSchema(KEEPING_ORGANIZATION, async () => {
    await apply(database, profile("user_a", 1), organization("org_a", 1), member("orgmem_1", "user_a", 1));
    await script("insert into public.invoices select id from public.organizations");
    const gone = organizationDeletion("org_a", 2);
    assertEquals(await apply(database, organization("org_b", 1), gone), ["created", "deleted DELETE_BLOCKED"]);
    assertEquals([await rights(database), await open()], [{}, ["org_a organization.deleted DELETE_BLOCKED"]]);
    assertEquals((await organizations(database, "deleted_at")).org_a !== null, true);
    assertEquals(
      (await query("select code from clerk.messages where message_id = $1", [gone.message_id]))[0]!.code,
      "DELETE_BLOCKED",
    );
    assertEquals(await apply(database, organization("org_a", 9), gone), ["stale", "duplicate"]);
    await script("truncate public.invoices");
    assertEquals(await retry(), [{ organization_id: "org_a", outcome: "deleted" }]);
    assertEquals([await organizations(database, "name"), await open()], [{ org_b: "org_b" }, []]);
  }));

const KEEPING_MEMBERSHIP =
  "create table public.badges (membership_id uuid references public.organization_memberships (id) on delete restrict)";

test("writes the tombstone of a membership whose row the schema keeps, and retries the removal", () =>
  withSchema(KEEPING_MEMBERSHIP, async () => {
    await apply(database, profile("user_a", 1), organization("org_a", 1), member("orgmem_1", "user_a", 1));
    await script("insert into public.badges select id from public.organization_memberships");
    const given = removal("orgmem_1", 2);
    assertEquals(await apply(database, given, organization("org_b", 1)), ["refused SCHEMA_REFUSED", "created"]);
    assertEquals(await open(), ["orgmem_1 organizationMembership.deleted SCHEMA_REFUSED"]);
    assertEquals(await apply(database, member("orgmem_1", "user_a", 9)), ["refused SCHEMA_REFUSED"]);
    await script("truncate public.badges");
    assertEquals(await retry(), [{ membership_id: "orgmem_1", outcome: "deleted" }]);
    assertEquals([await rights(database), await open()], [{}, []]);
    assertEquals(await apply(database, given), ["unchanged"]);
  }));

for (const mode of ["hard", "soft"] as const) {
  test(`hides a deleted user although the schema keeps a membership's row, in delete mode ${mode}`, () =>
    withSchema(KEEPING_MEMBERSHIP, async () => {
      await apply(database, profile("user_a", 1), organization("org_a", 1), member("orgmem_1", "user_a", 1));
      await script("insert into public.badges select id from public.organization_memberships");
      assertEquals(await apply(database, deletion("user_a", 2, { delete_mode: mode } as never)), [
        mode === "hard" ? "deleted DELETE_BLOCKED" : "deleted",
      ]);
      assertEquals((await query("select deleted_at is null as live from public.users"))[0]!.live, false);
      assertEquals((await open()).at(0), "orgmem_1 organizationMembership.deleted SCHEMA_REFUSED");
      await script("truncate public.badges");
      assertEquals(await retry(), [{ membership_id: "orgmem_1", outcome: "deleted" }]);
      assertEquals(await rights(database), {});
    }));
}

test("refuses a membership that a deferred constraint refuses", () =>
  withSchema(
    `create function public.late() returns trigger language plpgsql as $$
       begin if new.role = 'org:odd' then raise exception 'no'; end if; return null; end $$;
     create constraint trigger late after insert on public.organization_memberships
       deferrable initially deferred for each row execute function public.late()`,
    async () => {
      await apply(database, profile("user_a", 1), profile("user_b", 1), organization("org_a", 1));
      assertEquals(
        await apply(database, member("orgmem_1", "user_a", 1, { role: "org:odd" }), member("orgmem_2", "user_b", 1)),
        [
          "refused SCHEMA_REFUSED",
          "created",
        ],
      );
    },
  ));
