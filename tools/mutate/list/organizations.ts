/**
 * Guarantees of the SQL write path for organizations and memberships: the rules of adr/0010.
 *
 * @module
 */
import type { Mutation, NamedTest } from "../mutation.ts";

/** The file's name does not matter, only that one migration has the text. */
const SQL = "supabase/migrations/";

const applied = (criterion: string): NamedTest => ({
  file: "tests/db/organizations_test.ts",
  name: `apply_clerk_changes() ${criterion}`,
});
const raced = (criterion: string): NamedTest => ({
  file: "tests/postgres/organization_races_test.ts",
  name: `apply_clerk_changes() ${criterion}`,
});
const refused = (criterion: string): NamedTest => ({
  file: "tests/db/organizations_refused_test.ts",
  name: `apply_clerk_changes() ${criterion}`,
});
const generations = applied(
  "shows the membership created last, and none after its removal, even if an older removal is lost",
);
const pending = applied("keeps a membership pending until its user and its organization exist");

/** Mutations of organizations and memberships. */
export const ORGANIZATIONS: Mutation[] = [
  {
    id: "membership-tombstone",
    file: SQL,
    find: "when newest.membership_id is null or newest.deleted_at is not null",
    replace: "when newest.membership_id is null",
    test: applied("removes a membership permanently, and by its id only"),
  },
  {
    id: "membership-generation",
    file: SQL,
    find: "order by one.created_at desc, one.membership_id collate",
    replace: "order by one.membership_id collate",
    test: generations,
  },
  {
    id: "membership-generation-counts-removals",
    file: SQL,
    find:
      "where one.organization_id = pair.organization_id and one.user_id = pair.user_id and one.created_at is not null",
    replace:
      "where one.organization_id = pair.organization_id and one.user_id = pair.user_id and one.created_at is not null and one.deleted_at is null",
    test: generations,
  },
  {
    id: "membership-settles-with-user",
    file: SQL,
    find: "if users[place].type = 'user.deleted' or outcomes[place] ->> 'outcome' = 'created' then",
    replace: "if users[place].type = 'user.deleted' then",
    test: pending,
  },
  {
    id: "membership-settles-with-organization",
    file: SQL,
    find: "            if outcome = 'created' then\n                perform clerk.settle_members(null",
    replace: "            if false then\n                perform clerk.settle_members(null",
    test: pending,
  },
  {
    id: "organization-order",
    file: SQL,
    find: "given.version_message := coalesce(given.message_id, given.carried_by, '');",
    replace: "given.version_message := coalesce(given.message_id, '');",
    test: applied("orders an organization embedded in a membership, and does not record it"),
  },
  {
    id: "organization-least-creation",
    file: SQL,
    find: "if known.created_at < known.stored_created_at then",
    replace: "if false then",
    test: applied("keeps the earliest creation of any profile"),
  },
  {
    id: "parents-end-memberships",
    file: SQL,
    find: "elsif known.rank > 1 or known.is_ended or known.is_orphan and known.deleted_at is null then",
    replace: "elsif known.rank > 1 or known.is_ended then",
    test: applied("ends the memberships of a deleted user, in both delete modes"),
  },
  {
    id: "membership-tombstone-learns",
    file: SQL,
    find: "if (known.organization_id, known.user_id, known.created_at) is distinct from known.before then",
    replace: "if known.deleted_at is null then",
    test: applied("takes the pair and the creation of a removed membership from a later message"),
  },
  {
    id: "pair-locks",
    file: SQL,
    find: "        perform clerk.lock_pairs(incoming, organizations);\n    end if;\n\n    perform",
    replace: "    end if;\n\n    perform",
    test: raced("settles both parents of a pending membership at once, in both orders"),
  },
  {
    id: "owner-locks-stored",
    file: SQL,
    find: "select unnest(array[stored.organization_id, stored.user_id])",
    replace: "select unnest(array[stored.membership_id])",
    test: raced("settles a removal that names no pair and the membership's user at once, in both orders"),
  },
  {
    id: "owner-locks-given",
    file: SQL,
    find:
      "            select change.organization_id from unnest(organizations) as change\n            union all\n            select unnest",
    replace: "            select unnest",
    test: raced("settles a membership and its organization at once, in both orders"),
  },
  {
    id: "first-membership",
    file: SQL,
    find: "if pg_relation_size('clerk.organization_memberships', 'main') > 0 then",
    replace: "if false then",
    test: pending,
  },
  {
    id: "organization-isolation",
    file: SQL,
    find: "outcomes[known.place] := clerk.settle_organization_alone(changes[known.place]);",
    replace: `outcomes[known.place] := '{"outcome": "refused", "code": "SCHEMA_REFUSED"}'::jsonb;`,
    test: refused("refuses one organization that the schema refuses, and applies the others"),
  },
  {
    id: "organization-delete-blocked",
    file: SQL,
    find: "foreach way in array array['delete', 'hide', 'leave'] loop",
    replace: "foreach way in array array['delete', 'leave'] loop",
    test: refused("hides an organization whose row the schema keeps, and retries the deletion"),
  },
];
