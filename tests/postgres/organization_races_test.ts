/**
 * Tests races of organizations, memberships and users with a transaction held open, because random histories do not find
 * a missing lock on a pair. Each race runs in both orders. The second change waits, and then decides on the committed
 * state.
 */
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { deletion, profile, signIn, T0 } from "../helpers/database/changes.ts";
import { eventually } from "../../project/eventually.ts";
import { membership, organization, organizationDeletion, removal } from "../helpers/database/organizations.ts";
import { connectTo, createMigratedDatabase } from "../helpers/database/postgres.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await createMigratedDatabase();
const { sql } = database;
const [first, second, third] = [connectTo(database.url), connectTo(database.url), connectTo(database.url)];

async function forget(): Promise<void> {
  await sql`truncate public.users, public.organizations, clerk.users, clerk.organizations,
    clerk.organization_memberships, clerk.messages, clerk.refusals cascade`;
}

const test = testsOf("apply_clerk_changes() ", forget);

async function apply(connection: postgres.Sql | postgres.TransactionSql, ...changes: unknown[]): Promise<string[]> {
  const [row] = await connection`select public.apply_clerk_changes(${connection.json(changes as never)}) as outcomes`;
  return row!.outcomes.map(({ outcome, code }: { outcome: string; code?: string }) => code ?? outcome);
}

async function rights(): Promise<string[]> {
  const rows = await sql`select clerk_membership_id || ' ' || role as membership from public.organization_memberships`;
  return rows.map(({ membership }) => membership).sort();
}

/** Waits until a number of connections wait for the bundle's locks; fails at once if the last call does not wait. */
async function waitUntilBlocked(count: number, call: Promise<unknown>): Promise<void> {
  let isDone = false;
  call.finally(() => isDone = true).catch(() => {});
  await eventually(async () => {
    if (isDone) return;
    const rows = await sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event = 'advisory' and query like '%apply_clerk_changes%'`;
    assert(rows.length === count, `${rows.length} connections wait, not ${count}`);
  });
  assert(!isDone, "a change does not wait for the one that is held");
}

/** Runs `held` in its own transaction, and commits when each of `waiting` waits for it, in order. */
async function overlap(held: unknown[], ...waiting: unknown[][]): Promise<void> {
  const { promise: commit, resolve } = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  const transaction = first.begin(async (inner) => {
    await apply(inner, ...held);
    holding.resolve();
    await commit;
  });
  await holding.promise;
  const calls: Array<Promise<string[]>> = [];
  try {
    for (const [index, changes] of waiting.entries()) {
      const call = apply([second, third][index]!, ...changes);
      // If it does not wait, the test reports that, regardless of its outcome.
      call.catch(() => {});
      calls.push(call);
      await waitUntilBlocked(index + 1, call);
    }
  } finally {
    resolve();
    await transaction;
  }
  const outcomes = await Promise.all(calls);
  assert(!outcomes.flat().includes("SCHEMA_REFUSED"), "the schema refuses a change that waited");
}

const user = (version = 1, overrides = {}) => profile("user_a", version, overrides);
const member = (id: string, version: number, overrides = {}) => membership(id, ["org_a", "user_a"], version, overrides);
const org = (version = 1, overrides = {}) => organization("org_a", version, overrides);
const later = { created_at: T0 + 5 };

/** Two concurrent changes, the state before them, and the memberships after them in either order. */
interface Race {
  name: string;
  before: unknown[];
  changes: [one: () => unknown, other: () => unknown];
  rights: string[];
}

const hard = { delete_mode: "hard" } as never;
const soft = { delete_mode: "soft" } as never;

const RACES: Race[] = [
  {
    name: "settles both parents of a pending membership at once, in both orders",
    before: [member("orgmem_1", 1)],
    changes: [() => user(), () => org()],
    rights: ["orgmem_1 org:member"],
  },
  {
    name: "settles a membership and its user at once, in both orders",
    before: [org()],
    changes: [() => member("orgmem_1", 1), () => user()],
    rights: ["orgmem_1 org:member"],
  },
  {
    name: "settles a membership and its organization at once, in both orders",
    before: [user()],
    changes: [() => member("orgmem_1", 1), () => org()],
    rights: ["orgmem_1 org:member"],
  },
  {
    name: "settles an organization and the hard deletion of a pending member at once, in both orders",
    before: [user(), member("orgmem_1", 1)],
    changes: [() => org(), () => deletion("user_a", 2, hard)],
    rights: [],
  },
  {
    name: "settles an organization and the soft deletion of a pending member at once, in both orders",
    before: [user(), member("orgmem_1", 1)],
    changes: [() => org(), () => deletion("user_a", 2, soft)],
    rights: [],
  },
  {
    name: "settles a user and the hard deletion of its pending organization at once, in both orders",
    before: [org(), member("orgmem_1", 1)],
    changes: [() => user(), () => organizationDeletion("org_a", 2, hard)],
    rights: [],
  },
  {
    name: "settles a user and the soft deletion of its pending organization at once, in both orders",
    before: [org(), member("orgmem_1", 1)],
    changes: [() => user(), () => organizationDeletion("org_a", 2, soft)],
    rights: [],
  },
  {
    name: "settles the deletions of both parents at once, in both orders",
    before: [user(), org(), member("orgmem_1", 1)],
    changes: [() => deletion("user_a", 2, soft), () => organizationDeletion("org_a", 2, soft)],
    rights: [],
  },
  {
    name: "settles a membership and the deletion of its user at once, in both orders",
    before: [user(), org()],
    changes: [() => member("orgmem_1", 1), () => deletion("user_a", 2, soft)],
    rights: [],
  },
  {
    name: "settles a membership and the deletion of its organization at once, in both orders",
    before: [user(), org()],
    changes: [() => member("orgmem_1", 1), () => organizationDeletion("org_a", 2, hard)],
    rights: [],
  },
  {
    name: "settles a removal that names no pair and the membership's user at once, in both orders",
    before: [org(), member("orgmem_1", 1)],
    changes: [() => removal("orgmem_1", 2), () => user()],
    rights: [],
  },
  {
    name: "settles a removal that names no pair and the membership's organization at once, in both orders",
    before: [user(), member("orgmem_1", 1)],
    changes: [() => removal("orgmem_1", 2), () => org()],
    rights: [],
  },
  {
    name: "settles a removal and a profile of one membership at once, in both orders",
    before: [user(), org()],
    changes: [() => removal("orgmem_1", 2), () => member("orgmem_1", 3)],
    rights: [],
  },
  {
    name: "settles two memberships of one pair at once, in both orders",
    before: [user(), org()],
    changes: [() => member("orgmem_1", 1), () => member("orgmem_2", 1, later)],
    rights: ["orgmem_2 org:member"],
  },
  {
    name: "settles a removal that names no pair and an older membership of it at once, in both orders",
    before: [user(), org(), member("orgmem_2", 1, later)],
    changes: [() => removal("orgmem_2", 6), () => member("orgmem_1", 1)],
    rights: [],
  },
  {
    name: "settles two profiles of one membership at once, in both orders",
    before: [user(), org()],
    changes: [() => member("orgmem_1", 1), () => member("orgmem_1", 2, { role: "org:admin" })],
    rights: ["orgmem_1 org:admin"],
  },
];

for (const check of RACES) {
  test(check.name, async () => {
    for (const [held, waiting] of [check.changes, check.changes.toReversed() as Race["changes"]]) {
      await forget();
      if (check.before.length > 0) await apply(sql, ...check.before);
      await overlap([held()], [waiting()]);
      assertEquals(await rights(), check.rights);
    }
  });
}

test("settles the very first membership and its user if both wait for the user", async () => {
  await apply(sql, org());
  await overlap([signIn("user_a", 1)], [member("orgmem_1", 1)], [user()]);
  assertEquals(await rights(), ["orgmem_1 org:member"]);
});

test("locks a bounded number of objects for any number of memberships", async () => {
  const page = (offset: number) =>
    Array.from({ length: 250 }, (_, index) => [
      profile(`user_${offset + index}`, 1),
      membership(`orgmem_${offset + index}`, [`org_${index % 7}`, `user_${offset + index}`], 1),
    ]).flat();
  await first.begin(async (inner) => {
    for (let offset = 0; offset < 5_000; offset += 250) await apply(inner, ...page(offset));
    await apply(inner, ...Array.from({ length: 7 }, (_, index) => organization(`org_${index}`, 1)));
    const [row] =
      await inner`select count(*)::int as n from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`;
    assert(row!.n > 2_000 && row!.n <= 4_096, `${row!.n} locks`);
  });
});

testsOf("")("the database is dropped", async () => {
  await Promise.all([first.end(), second.end(), third.end()]);
  await database.drop();
});
