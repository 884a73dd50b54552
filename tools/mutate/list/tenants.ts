/**
 * The active organization: policies, claims, and the import of a missing membership.
 *
 * @module
 */
import type { Mutation, NamedTest } from "../mutation.ts";

/** The file's name does not matter, only that one migration has the text. */
const SQL = "supabase/migrations/";
const CLAIMS = "supabase/functions/_clerk-supabase/auth/organization.ts";
const IMPORT = "supabase/functions/organization/import_memberships.ts";

const projects = (name: string): NamedTest => ({ file: "tests/e2e/projects_test.ts", name });
const organization = (name: string): NamedTest => ({ file: "tests/e2e/organization_test.ts", name });
const decoded = (criterion: string): NamedTest => ({
  file: "tests/db/active_organization_test.ts",
  name: `the active organization of a token: ${criterion}`,
});
const demoted = projects("a demoted admin cannot delete if either the token or the table has the old role");
const malformed = decoded("a mask that is not plain digits grants nothing");
const version = decoded("v selects the claims: 2 reads only o, and any other value reads only org_id");

/** Mutations of a caller's rights in an organization. */
export const TENANTS: Mutation[] = [
  {
    id: "organization-membership",
    file: SQL,
    find:
      "inner join public.organization_memberships as membership on membership.user_id = caller.id\n    inner join public.organizations as organization on organization.id = membership.organization_id\n",
    replace:
      "cross join public.organizations as organization\n    left join public.organization_memberships as membership on false\n",
    test: projects("a removed member whose token is still valid reads nothing and cannot insert"),
  },
  {
    id: "organization-active",
    file: SQL,
    find: "        and organization.clerk_organization_id = active_id\n",
    replace: "",
    test: projects("projects are empty without an active organization"),
  },
  {
    id: "organization-pending",
    file: SQL,
    find: "        and coalesce(claims ->> 'sts', 'active') = 'active'\n        and organization.",
    replace: "        and organization.",
    test: projects("projects are empty without an active organization"),
  },
  {
    id: "organization-role-of-token",
    file: SQL,
    find: "        asked = clerk.active_role(auth.jwt())\n        and asked =",
    replace: "        asked =",
    test: demoted,
  },
  {
    id: "organization-role-of-table",
    file: SQL,
    find: "        and asked = clerk.organization_key((clerk.caller_membership()).role),\n",
    replace: "        ,\n",
    test: demoted,
  },
  {
    id: "projects-policy",
    file: SQL,
    find:
      "create policy projects_select_members on public.projects for select to authenticated\nusing (organization_id = (select public.caller_organization_id()));",
    replace:
      "create policy projects_select_members on public.projects for select to authenticated\nusing (organization_id is not null);",
    test: projects("another organization's project cannot be read, changed, deleted or listed"),
  },
  {
    id: "projects-columns",
    file: SQL,
    find: "grant insert (name, description), update (name, description) on table public.projects to authenticated;",
    replace: "grant insert, update on table public.projects to authenticated;",
    test: projects("no client can move a project to another organization"),
  },
  {
    id: "revoke-organizations",
    file: SQL,
    find: "revoke all on table public.organizations from public, anon, authenticated, service_role;",
    replace: "",
    test: organization("no client can write organizations or memberships"),
  },
  {
    id: "organizations-policy",
    file: SQL,
    find: "    deleted_at is null\n    and id = any(array(",
    replace: "    deleted_at is null\n    or id = any(array(",
    test: organization("from('organizations') returns callers' own organizations, and no other members"),
  },
  {
    id: "mask-sql",
    file: SQL,
    find:
      "when btrim(mask.text, E' \\t\\r\\n') ~ '^[0-9]+$'\n                    then mod(div(btrim(mask.text, E' \\t\\r\\n')::numeric",
    replace: "when true then mod(div(regexp_replace(mask.text, '[^0-9]', '', 'g')::numeric",
    test: malformed,
  },
  {
    id: "mask-typescript",
    file: CLAIMS,
    find: "/^\\d+$/.test(mask) && (BigInt(mask)",
    replace: '(BigInt(mask.replace(/\\D/g, ""))',
    test: malformed,
  },
  {
    id: "mask-exact",
    file: CLAIMS,
    find: "(BigInt(mask) >> BigInt(bit)) % 2n === 1n",
    replace: "Math.floor(Number(mask) / 2 ** bit) % 2 === 1",
    test: decoded("bit 53 of a mask grants its permission, although a double cannot hold it together with bit 0"),
  },
  {
    id: "claims-version-sql",
    file: SQL,
    find: "clerk.text_claim(case when claims -> 'v' = '2' then claims -> 'o' -> 'id' else claims -> 'org_id' end)",
    replace: "clerk.text_claim(coalesce(claims -> 'o' -> 'id', claims -> 'org_id'))",
    test: version,
  },
  {
    id: "claims-version-typescript",
    file: CLAIMS,
    find: "claims.v === 2 ?",
    replace: "isObject(claims.o) ?",
    test: version,
  },
  {
    id: "import-unlisted",
    file: IMPORT,
    find: "if (!fetched.some(({ membership }) => organizationIdOf(membership) === organizationId)) {",
    replace: "if (fetched.length === 0) {",
    test: organization("organization returns 403 and writes nothing if Clerk does not list the membership"),
  },
  {
    id: "require-role",
    file: "supabase/functions/_clerk-supabase/auth/authenticate.ts",
    find: "if (session.organization.role === required) return session;",
    replace: "if (session.organization.role !== undefined) return session;",
    test: {
      file: "tests/unit/_clerk-supabase/auth/authenticate_test.ts",
      name: "requireRole() accepts the role with and without org: in front, and refuses any other",
    },
  },
];
