/**
 * Tests convergence of users, organizations and memberships over 16 direct connections to the SQL function, alone and
 * in batches of up to 50. The number of histories is that of users: see run.ts.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import postgres from "postgres";
import { createMigratedDatabase } from "../helpers/database/postgres.ts";
import { deliveriesOf, EPOCH } from "./history.ts";
import { FEWEST_BACKENDS, watchBackends } from "./observe.ts";
import { changesOf, organizationHistories, type OrganizationHistory } from "./organization_history.ts";
import { expectedOrganizations, type OrganizationState } from "./organization_model.ts";

const WORKERS = 16;
const LARGEST_BATCH = 50;
const MAX_MESSAGES = 120;
const TIME_TO_SHRINK_MS = 30_000;
/** Raised so that a transaction rolls back after its work. */
const LOST = new Error("lost");

Deno.test("organizations and memberships converge under any order, duplication, loss and concurrency", async () => {
  const database = await createMigratedDatabase();
  const connect = () => postgres(database.url, { max: 1, onnotice: () => {}, connection: { role: "service_role" } });
  const connections = Array.from({ length: WORKERS }, connect);
  const watcher = postgres(database.url, { max: 1 });
  const backends = watchBackends(watcher);
  const counts = { histories: 0, changes: 0, rights: 0 };
  let giveUpAt = Infinity;
  const check = async (history: OrganizationHistory) => {
    if (Date.now() > giveUpAt) return;
    counts.histories++;
    try {
      await forget(database.sql);
      counts.changes += await deliver(history, connections);
      const expected = expectedOrganizations(history);
      assertEquals(await actualState(database.sql), expected);
      assertEquals(await lostMessages(database.sql, history), []);
      counts.rights += Object.keys(expected.memberships).length;
    } catch (error) {
      giveUpAt = Math.min(giveUpAt, Date.now() + TIME_TO_SHRINK_MS);
      throw error;
    }
  };
  try {
    const numRuns = Number(Deno.env.get("HISTORIES") ?? (Deno.env.has("CI") ? 200 : 50));
    await fc.assert(fc.asyncProperty(organizationHistories(MAX_MESSAGES), check), { numRuns });
  } finally {
    await backends.stop();
    await Promise.all([...connections, watcher].map((sql) => sql.end()));
    await database.drop();
    // deno-lint-ignore no-console -- the counts are part of the result
    console.log(`convergence, organizations: ${JSON.stringify({ ...counts, "backends at once": backends.most() })}`);
  }
  assert(
    backends.most() >= FEWEST_BACKENDS,
    `only ${backends.most()} backends ran concurrently (at least ${FEWEST_BACKENDS})`,
  );
  assert(counts.rights >= counts.histories, `only ${counts.rights} rights in ${counts.histories} histories`);
});

let attempts = 0;

/** Delivers a history; returns the number of changes. */
async function deliver(history: OrganizationHistory, connections: postgres.Sql[]): Promise<number> {
  const queue = deliveriesOf(history, LARGEST_BATCH);
  let changes = 0;
  await Promise.all(connections.map(async (connection) => {
    for (let delivery = queue.shift(); delivery; delivery = queue.shift()) {
      const { messages, lost } = delivery;
      const given = messages.flatMap((message) => changesOf(message, history.deleteMode, attempts++));
      changes += given.length;
      await connection.begin(async (sql) => {
        const [row] = await sql`select public.apply_clerk_changes(${sql.json(given as never)}) as outcomes`;
        assertEquals(row!.outcomes.filter(({ outcome }: { outcome: string }) => outcome === "refused"), []);
        if (lost) throw LOST;
      }).catch((error) => {
        if (error !== LOST) throw error;
      });
    }
  }));
  return changes;
}

async function actualState(sql: postgres.Sql): Promise<OrganizationState> {
  const ms = (column: string) => `round(extract(epoch from ${column}) * 1000) - ${EPOCH}`;
  const organizations = await sql.unsafe(`
    select clerk_organization_id as id, name, ${ms("created_at")} as created_at
    from public.organizations where deleted_at is null`);
  const memberships = await sql.unsafe(`
    select clerk_organization_id || '/' || clerk_user_id as pair, clerk_membership_id as membership, role,
      ${ms("membership.created_at")} as created_at
    from public.organization_memberships as membership
    join public.organizations as organization on organization.id = membership.organization_id
    join public.users as member on member.id = membership.user_id`);
  const deleted = await sql`select organization_id as id from clerk.organizations where deleted_at is not null`;
  const removed =
    await sql`select membership_id as id from clerk.organization_memberships where deleted_at is not null`;
  return {
    organizations: Object.fromEntries(
      organizations.map(({ id, name, created_at }) => [id, { name, createdAt: Number(created_at) }]),
    ),
    memberships: Object.fromEntries(memberships.map(({ pair, membership, role, created_at }) => [
      pair,
      { membership, role, createdAt: Number(created_at) },
    ])),
    deletedOrganizations: deleted.map(({ id }) => id).sort(),
    removed: removed.map(({ id }) => id).sort(),
  };
}

/** Returns the ids of messages without exactly one outcome. */
async function lostMessages(sql: postgres.Sql, { messages }: OrganizationHistory): Promise<string[]> {
  const rows = await sql`select message_id from clerk.messages where outcome <> 'refused'`;
  const known = new Set(rows.map(({ message_id }) => message_id));
  return messages.flatMap(({ id }) => id !== undefined && !known.has(id) ? [id] : []);
}

async function forget(sql: postgres.Sql): Promise<void> {
  await sql`truncate public.users, public.organizations, clerk.users, clerk.organizations,
    clerk.organization_memberships, clerk.messages, clerk.refusals cascade`;
}
