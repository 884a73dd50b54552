/**
 * Guarantees of the SQL write path: order, tombstones, addresses, locks, limits.
 *
 * @module
 */
import type { Mutation, NamedTest } from "../mutation.ts";

/** The file's name does not matter, only that one migration has the text. */
const SQL = "supabase/migrations/";

const applied = (criterion: string): NamedTest => ({
  file: "tests/db/apply_clerk_changes_test.ts",
  name: `apply_clerk_changes() ${criterion}`,
});
const locked = (criterion: string): NamedTest => ({
  file: "tests/postgres/locks_test.ts",
  name: `apply_clerk_changes() ${criterion}`,
});
const refusals = (criterion: string): NamedTest => ({
  file: "tests/db/schema_refusals_test.ts",
  name: `apply_clerk_changes() ${criterion}`,
});
const addresses = applied("gives an address to the verified claimant, then to the newest, then by user id");

/** Mutations of the write path. */
export const WRITE_PATH: Mutation[] = [
  {
    id: "ledger-duplicate",
    file: SQL,
    find: "when known.earlier <> 'refused' then 'duplicate'",
    replace: "when false then 'duplicate'",
    test: applied("applies a message once, and a duplicate writes nothing"),
  },
  {
    id: "tombstone",
    file: SQL,
    find: "when known.deleted_at is not null then 'late'",
    replace: "when false then 'late'",
    test: applied("keeps a deleted user deleted despite later messages"),
  },
  {
    id: "version-order",
    file: SQL,
    find: "known.stored_version, known.stored_version_event,",
    replace: "-1, known.stored_version_event,",
    test: applied("keeps the newest profile in any order of arrival"),
  },
  {
    id: "version-rank",
    file: SQL,
    find: "case when given.type = 'user.created' then 0 else 1 end as version_rank",
    replace: "1 as version_rank",
    test: applied("orders equal versions by event time, then created before updated, then message id"),
  },
  {
    id: "time-ahead",
    file: SQL,
    find: "> change.sent_at + 86400000 then",
    replace: "> change.sent_at + 86400001 then",
    test: applied("accepts a time up to 24 h ahead of Clerk's clock, and not one millisecond more"),
  },
  {
    id: "poison",
    file: SQL,
    find: "when length(element ->> 'email') > 320 then 'EMAIL_TOO_LONG'",
    replace: "when false then 'EMAIL_TOO_LONG'",
    test: applied("refuses an invalid change with a code, and applies the rest"),
  },
  {
    id: "address-verified",
    file: SQL,
    find: "given.email_verified is not distinct from 'true' as email_verified",
    replace: "true as email_verified",
    test: addresses,
  },
  {
    id: "address-newest",
    file: SQL,
    find: "> (claim_address.verified, claim_address.version,",
    replace: "> (claim_address.verified, rival.version,",
    test: addresses,
  },
  {
    id: "unchanged-row",
    file: SQL,
    find: "where visible.id = write_row.row_id and (",
    replace: "where visible.id = write_row.row_id or visible.id = write_row.row_id and (",
    test: applied("writes no row if no stored column differs"),
  },
  {
    id: "lock-names",
    file: SQL,
    find: "perform pg_advisory_xact_lock(name_locks, bucket)",
    replace: "perform bucket",
    test: locked("does not restore a user deleted while it waited"),
  },
  {
    id: "lock-addresses",
    file: SQL,
    find: "perform pg_advisory_xact_lock(address_locks, bucket)",
    replace: "perform bucket",
    test: locked("gives an address to one of two users that claim it at the same time"),
  },
  {
    id: "lock-bound",
    file: SQL,
    find: "hashtext(named.user_id) & 1023, hashtext(named.message_id) & 1023",
    replace: "hashtext(named.user_id), hashtext(named.message_id)",
    test: locked("locks a bounded number of objects for any number of changes"),
  },
  {
    id: "converge",
    file: SQL,
    find: "known.stored_version, known.stored_version_event,",
    replace: "-1, known.stored_version_event,",
    test: {
      file: "tests/convergence/http_test.ts",
      name: "clerk-webhook converges under any order, duplication, loss and concurrency",
    },
  },
  {
    id: "soft-delete",
    file: SQL,
    find: "if change.delete_mode is distinct from 'soft' then",
    replace: "if true then",
    test: {
      file: "tests/e2e/webhook_test.ts",
      name: "clerk-webhook hides deleted users if the delete mode is soft",
    },
  },
  {
    id: "schema-isolation",
    file: SQL,
    find: "outcomes := outcomes || clerk.settle_alone(change);",
    replace: `outcomes := outcomes || '{"outcome": "refused", "code": "SCHEMA_REFUSED"}'::jsonb;`,
    test: refusals("lists the refusal of a fetched user, which has no message"),
  },
  {
    id: "delete-blocked",
    file: SQL,
    find: "if way = 'hide with address' then",
    replace: "if way = 'never' then",
    test: refusals("hides a row with its address if the address cannot be null"),
  },
  {
    id: "address-proof",
    file: SQL,
    find: "is_verified := is_verified and email is not null;",
    replace: "is_verified := is_verified;",
    test: applied("shows whether the address in a row is verified, however its owner changes"),
  },
  {
    id: "instance-bound",
    file: SQL,
    find: "if bound <> apply_clerk_changes_of.instance_id then",
    replace: "if false then",
    test: {
      file: "tests/e2e/webhook_test.ts",
      name: "clerk-webhook refuses another instance than the bound one, even if the signing keys cannot be fetched",
    },
  },
];
