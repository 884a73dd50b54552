/**
 * Tests the schedules of docs/operations.md and docs/setup.md with the real pg_cron. No Debian package contains Vault
 * and pg_net, so stand-ins with their signatures store the key and the request, which the test then sends.
 */
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { documentedCode } from "../helpers/project/documented.ts";
import { connectTo, hasExtension } from "../helpers/database/postgres.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { assertEqualTables } from "../helpers/stack/reconcile.ts";
import { startTestStack } from "../helpers/stack/stack.ts";
import { startPostgres } from "../../project/postgres_server.ts";

const STAND_INS = `
  create schema vault;
  create table vault.secrets (id uuid primary key default gen_random_uuid(), name text unique, secret text);
  create view vault.decrypted_secrets as select id, name, secret as decrypted_secret from vault.secrets;
  create function vault.create_secret(
      new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null
  ) returns uuid language sql as $$ insert into vault.secrets (name, secret) values (new_name, new_secret) returning id $$;
  create function vault.update_secret(
      secret_id uuid, new_secret text default null, new_name text default null, new_description text default null
  ) returns void language sql as $$ update vault.secrets set secret = new_secret where id = secret_id $$;
  create schema net;
  create table net.requests (url text, headers jsonb, body jsonb, timeout integer);
  create function net.http_post(
      url text, body jsonb default '{}', params jsonb default '{}',
      headers jsonb default '{"Content-Type": "application/json"}', timeout_milliseconds integer default 5000
  ) returns bigint language sql as $$
      insert into net.requests values (url, headers, body, timeout_milliseconds) returning 1::bigint
  $$;`;

const NO_PG_CRON = "pg_cron is not installed; install it, for example with apt-get install postgresql-15-cron";

const canRun = await hasExtension("pg_cron");
const skip = !canRun && !Deno.env.has("CI");
// deno-lint-ignore no-console -- reports skipped tests to the developer
if (skip) console.log(`Skipping the schedule's test: ${NO_PG_CRON}`);

/** Runs a job's command; returns the request that it sends. The table is locked, so pg_cron's own runs wait. */
async function requestOf(sql: postgres.Sql, command: string): Promise<postgres.Row> {
  return await sql.begin(async (transaction) => {
    await transaction`truncate net.requests`;
    await transaction.unsafe(command);
    const requests = await transaction`select * from net.requests`;
    assertEquals(requests.length, 1);
    return requests[0]!;
  });
}

Deno.test({
  name: skip
    ? `the documented schedules (skipped: ${NO_PG_CRON})`
    : "the documented schedules reconcile, and prune the ledger",
  ignore: skip,
  sanitizeOps: false,
  sanitizeResources: false,
  sanitizeExit: false,
  fn: async () => {
    assert(canRun, `Cannot test the schedule: ${NO_PG_CRON}`);
    const settings = { shared_preload_libraries: "pg_cron", "cron.use_background_workers": "on" };
    const server = await startPostgres(settings);
    const stack = await startTestStack({}, { databaseUrl: server.url });
    const sql = connectTo(server.url);
    try {
      await sql.unsafe(`create extension pg_cron; ${STAND_INS}`);
      const schedule = await documentedCode("docs/operations.md", "cron.schedule(");
      await sql.unsafe(schedule.replace("sb_secret_…", stack.keys.secret));
      const [job] = await sql`select schedule, command, active from cron.job where jobname = 'clerk-reconcile'`;
      assertEquals([job!.schedule, job!.active], ["*/10 * * * *", true]);

      // pg_cron itself also runs the job, at each tenth minute.
      await sql.unsafe(job!.command);
      const request = await requestOf(sql, job!.command);
      assertEquals(request.url, "https://<project-ref>.supabase.co/functions/v1/clerk-reconcile");
      seedUsers(stack.clerk.state, 20);
      const answer = await stack.call("clerk-reconcile", {
        method: "POST",
        headers: request.headers,
        body: JSON.stringify(request.body),
      });
      assertEquals([answer.status, (await answer.json()).done], [200, true]);
      await assertEqualTables(stack);

      // Changes the key as the page describes, and stops the schedule.
      const rotation = await documentedCode("docs/operations.md", "vault.update_secret(");
      await sql.unsafe(rotation.replace("sb_secret_…", "sb_secret_new"));
      const changed = await requestOf(sql, job!.command);
      assertEquals(changed.headers.apikey, "sb_secret_new");
      await sql.unsafe("select cron.unschedule('clerk-reconcile')");
      assertEquals([...await sql`select from cron.job`], []);

      // The set-up's other schedule prunes the ledger.
      await sql.unsafe(await documentedCode("docs/setup.md", "cron.schedule("));
      const [prune] = await sql`select schedule, command, active from cron.job where jobname = 'clerk-prune-messages'`;
      assertEquals([prune!.schedule, prune!.active], ["17 3 * * *", true]);
      await sql`insert into clerk.messages (message_id, type, event_at, received_at, outcome) values
        ('msg_old', 'user.updated', now(), now() - interval '91 days', 'stale'),
        ('msg_new', 'user.updated', now(), now() - interval '89 days', 'stale')`;
      await sql.unsafe(prune!.command);
      assertEquals((await sql`select message_id from clerk.messages`).map((row) => row.message_id), ["msg_new"]);
    } finally {
      await stack.stop();
      await sql.end();
      await server.stop();
    }
  },
});
