/** Tests a tenant with many members: one row that the schema keeps does not make the others settle one by one. */
import { assert, assertEquals } from "@std/assert";
import { organization, organizationDeletion } from "../helpers/database/organizations.ts";
import { withMigratedDatabase } from "../helpers/database/postgres.ts";
import { testsOf } from "../helpers/shared_test.ts";

const MEMBERS = 3_000;
const MOST_CALLS = 600;

const test = testsOf("apply_clerk_changes() ");

test("ends the memberships of a large organization in parts if the schema keeps one of them", () =>
  withMigratedDatabase(async ({ sql }) => {
    const apply = (change: unknown) => sql`select public.apply_clerk_changes(${sql.json([change] as never)})`;
    await apply(organization("org_a", 1));
    await sql.unsafe(`
      insert into public.users (clerk_user_id, created_at, updated_at)
      select 'user_' || i, now(), now() from generate_series(1, ${MEMBERS}) as i;
      insert into clerk.organization_memberships (membership_id, organization_id, user_id, role, metadata, version, created_at)
      select 'orgmem_' || i, 'org_a', 'user_' || i, 'org:member', '{}', 1, now() from generate_series(1, ${MEMBERS}) as i;
      insert into public.organization_memberships (
        clerk_membership_id, organization_id, user_id, role, created_at, updated_at
      )
      select replace(clerk_user_id, 'user', 'orgmem'), (select id from public.organizations), id, 'org:member', now(), now()
      from public.users;
      create function public.keep() returns trigger language plpgsql as $$
      begin
        if old.clerk_membership_id = 'orgmem_77' then raise 'kept'; end if;
        return old;
      end $$;
      create trigger keep before delete on public.organization_memberships for each row execute function public.keep()`);

    const calls = await sql.begin(async (inner) => {
      await inner`set local track_functions = 'pl'`;
      const change = organizationDeletion("org_a", 2, { delete_mode: "soft" });
      const [row] = await inner`select public.apply_clerk_changes(${inner.json([change] as never)}) as outcomes`;
      assertEquals(row!.outcomes, [{ outcome: "deleted" }]);
      const [counted] = await inner`
        select pg_stat_get_xact_function_calls('clerk.settle_pairs(clerk.pair[])'::regprocedure)::int as calls`;
      return counted!.calls;
    });
    assert(calls > 1 && calls < MOST_CALLS, `${calls} calls for ${MEMBERS} members`);
    const kept = await sql`select clerk_membership_id as id from public.organization_memberships`;
    const refused = await sql`select membership_id as id from clerk.refusals`;
    assertEquals([[...kept], [...refused]], [[{ id: "orgmem_77" }], [{ id: "orgmem_77" }]]);
  }));
