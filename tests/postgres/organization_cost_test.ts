/** Tests the cost of a page of memberships by the CPU time of the database's backend, which other work does not change. */
import { assert } from "@std/assert";
import { profile } from "../helpers/database/changes.ts";
import { membership, organization } from "../helpers/database/organizations.ts";
import { withMigratedDatabase } from "../helpers/database/postgres.ts";
import { testsOf } from "../helpers/shared_test.ts";

const PAGE = 250;
const PAGES = 8;
const MOST_MS = 150;

/** Returns the CPU time of a backend so far in ms; the kernel counts in ticks of 10 ms. */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const test = testsOf("apply_clerk_changes() ");

test("applies 250 memberships in at most 150 ms of the backend's CPU time", () =>
  withMigratedDatabase(async ({ sql }) => {
    await sql`set role service_role`;
    const apply = (changes: unknown[]) =>
      sql`select public.apply_clerk_changes(${sql.json(changes as never)}) as outcomes`;
    const [{ pid }] = await sql`select pg_backend_pid() as pid` as unknown as [{ pid: number }];
    await apply([organization("org_a", 1), organization("org_b", 1)]);
    for (let page = 0; page < PAGES; page++) {
      await apply(Array.from({ length: PAGE }, (_, index) => profile(`user_${page * PAGE + index}`, 1)));
    }
    const spent: Record<string, number> = {};
    for (const version of [1, 2]) {
      for (const id of ["org_a", "org_b"]) {
        const before = await cpuMs(pid);
        for (let page = 0; page < PAGES; page++) {
          const [row] = await apply(Array.from({ length: PAGE }, (_, index) => {
            const user = page * PAGE + index;
            return membership(`orgmem_${id}_${user}`, [id, `user_${user}`], version, {
              role: version === 1 ? "org:member" : "org:admin",
            });
          }));
          const outcome = version === 1 ? "created" : "updated";
          assert(row!.outcomes.every((one: { outcome: string }) => one.outcome === outcome));
        }
        spent[`${id} ${version}`] = (await cpuMs(pid) - before) / PAGES;
      }
    }
    // deno-lint-ignore no-console -- the figures are part of the result
    console.log(`ms of CPU time for ${PAGE} memberships: ${JSON.stringify(spent)}`);
    assert(Math.max(...Object.values(spent)) <= MOST_MS, JSON.stringify(spent));
  }));
