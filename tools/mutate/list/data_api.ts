/**
 * Row level security, grants and revokes.
 *
 * @module
 */
import type { Mutation, NamedTest } from "../mutation.ts";

/** The file's name does not matter, only that one migration has the text. */
const SQL = "supabase/migrations/";

const profile = (name: string): NamedTest => ({ file: "tests/e2e/profile_test.ts", name });
const resumes = (name: string): NamedTest => ({ file: "tests/e2e/resumes_test.ts", name });
const migrated = (criterion: string): NamedTest => ({
  file: "tests/postgres/linters_test.ts",
  name: `the migrated database: ${criterion}`,
});
const owner: NamedTest = {
  file: "tests/postgres/reacting_test.ts",
  name: "only the owner lifts tombstones and prunes the ledger",
};
const executable = migrated("anon and authenticated can execute only the explained functions");
const notTheirs = resumes("no client can give a resume away, take one, or write protected columns");

/** Mutations of clients' rights in the database. */
export const DATA_API: Mutation[] = [
  {
    id: "policy-own-row",
    file: SQL,
    find: "((select auth.jwt()) ->> 'sub') = clerk_user_id\n",
    replace: "clerk_user_id is not null\n",
    test: profile("from('users') returns each caller's own row, and none to a guest"),
  },
  {
    id: "policy-pending",
    file: SQL,
    find: "and coalesce((select auth.jwt()) ->> 'sts', 'active') = 'active'\n    and deleted_at is null",
    replace: "and deleted_at is null",
    test: profile("from('users') returns nothing to a pending session"),
  },
  {
    id: "policy-deleted",
    file: SQL,
    find: "= 'active'\n    and deleted_at is null",
    replace: "= 'active'",
    test: {
      file: "tests/e2e/webhook_test.ts",
      name: "clerk-webhook hides deleted users if the delete mode is soft",
    },
  },
  {
    id: "policy-always-true",
    file: SQL,
    find:
      "create policy resumes_select_own on public.resumes for select to authenticated\nusing (user_id = (select public.caller_user_id()));",
    replace: "create policy resumes_select_own on public.resumes for select to authenticated\nusing (true);",
    test: migrated("no policy is always true"),
  },
  {
    id: "revoke-users",
    file: SQL,
    find: "revoke all on table public.users from public, anon, authenticated, service_role;",
    replace: "",
    test: profile("from('users') does not let any client write"),
  },
  {
    id: "revoke-apply",
    file: SQL,
    find: "revoke all on function public.apply_clerk_changes(jsonb) from public, anon, authenticated, service_role;",
    replace: "",
    test: profile("rpc('apply_clerk_changes') is refused to clients"),
  },
  {
    id: "revoke-lift",
    file: SQL,
    find: "revoke all on function clerk.lift_tombstone(text []) from public, anon, authenticated, service_role;",
    replace: "",
    test: owner,
  },
  {
    id: "revoke-prune",
    file: SQL,
    find: "revoke all on function clerk.prune_messages(interval) from public, anon, authenticated, service_role;",
    replace: "",
    test: owner,
  },
  {
    id: "revoke-caller",
    file: SQL,
    find: "revoke all on function public.caller_user_id() from public, anon, authenticated, service_role;",
    replace: "",
    test: executable,
  },
  {
    id: "rls-off",
    file: SQL,
    find: "alter table clerk.messages enable row level security;",
    replace: "",
    test: migrated("row level security is on for every table of public and clerk"),
  },
  {
    id: "resumes-policy",
    file: SQL,
    find:
      "create policy resumes_select_own on public.resumes for select to authenticated\nusing (user_id = (select public.caller_user_id()));",
    replace:
      "create policy resumes_select_own on public.resumes for select to authenticated\nusing (user_id is not null);",
    test: resumes("another caller's resume cannot be read, replaced, deleted or listed"),
  },
  {
    id: "resumes-columns",
    file: SQL,
    find: "grant insert (title, content), update (title, content) on table public.resumes to authenticated;",
    replace: "grant insert, update on table public.resumes to authenticated;",
    test: notTheirs,
  },
  {
    id: "resumes-revoke",
    file: SQL,
    find: "revoke all on table public.resumes from public, anon, authenticated, service_role;",
    replace: "",
    test: notTheirs,
  },
];
