/**
 * Tests a retry of deletions beside an owner who lifts a tombstone: the retry finds the refused deletion, waits for the
 * owner's transaction, and then has nothing to delete.
 */
import { assert, assertEquals } from "@std/assert";
import { deletion, profile, T0 } from "../helpers/database/changes.ts";
import { eventually } from "../../project/eventually.ts";
import { organization, organizationDeletion } from "../helpers/database/organizations.ts";
import { connectTo, withMigratedDatabase } from "../helpers/database/postgres.ts";
import { testsOf } from "../helpers/shared_test.ts";

/** How objects of one kind are deleted, lifted and retried. */
interface Kind {
  table: string;
  /** A profile, and its deletion, which a foreign key blocks. */
  changes: unknown[];
  lift: string;
  retry: string;
}

const KINDS: Record<string, Kind> = {
  "retry_clerk_deletions()": {
    table: "users",
    changes: [profile("user_a", 1), deletion("user_a", 2)],
    lift: "select clerk.lift_tombstone('user_a')",
    retry: "select public.retry_clerk_deletions(10) as results",
  },
  "retry_clerk_organizations()": {
    table: "organizations",
    changes: [organization("org_a", 1), organizationDeletion("org_a", 2)],
    lift: "select clerk.lift_organization_tombstone('org_a')",
    retry: "select public.retry_clerk_organizations(10, 'hard') as results",
  },
};

const test = testsOf("");

for (const [name, { table, changes, lift, retry }] of Object.entries(KINDS)) {
  test(`${name} does not repeat a deletion that the owner lifts meanwhile`, () =>
    withMigratedDatabase(async ({ sql, url }) => {
      const [owner, reconcile] = [connectTo(url), connectTo(url)];
      try {
        await sql.unsafe(`create table public.invoices (of_id uuid references public.${table} (id))`);
        for (const [index, change] of changes.entries()) {
          await sql`select public.apply_clerk_changes(${sql.json([change] as never)})`;
          if (index === 0) await sql.unsafe(`insert into public.invoices select id from public.${table}`);
        }
        const [blocked] = await sql.unsafe(`select deleted_at from public.${table}`);
        assertEquals(Number(blocked!.deleted_at), T0 + 2);
        await sql`drop table public.invoices`;

        const retried = await owner.begin(async (lifting) => {
          await lifting.unsafe(lift);
          const call = reconcile.unsafe(retry).execute();
          await eventually(async () => {
            const waiting = await sql`
              select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`;
            assert(waiting.length === 1, "the retry does not wait");
          });
          return { call };
        });
        assertEquals((await retried.call)[0]!.results, []);
        assertEquals([...await sql.unsafe(`select deleted_at from public.${table}`)], [{ deleted_at: null }]);
      } finally {
        await Promise.all([owner.end(), reconcile.end()]);
      }
    }));
}
