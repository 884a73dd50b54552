import { assertEquals, assertStringIncludes } from "@std/assert";
import { judgeOrganizationColumns, judgeOrganizationEvents } from "../../../../cli/doctor/organizations.ts";

const facts = { organization_columns: [], unannounced_organizations: 0, unannounced_memberships: 0 };

Deno.test("judgeOrganizationColumns() names columns that may be null or have no index", () => {
  const columns = [
    { column: "public.a.organization_id", nullable: true, indexed: false },
    { column: "public.b.organization_id", nullable: false, indexed: true },
  ];
  assertEquals(judgeOrganizationColumns(facts).status, "ok");
  const { status, detail } = judgeOrganizationColumns({ ...facts, organization_columns: columns });
  assertEquals([status, detail], [
    "failed",
    "public.a.organization_id may be null; public.a.organization_id has no index",
  ]);
});

Deno.test("judgeOrganizationEvents() names the kind without a message, and the evidence", () => {
  assertEquals(judgeOrganizationEvents(facts).status, "ok");
  const organizations = judgeOrganizationEvents({ ...facts, unannounced_organizations: 3 });
  assertEquals(organizations.status, "failed");
  assertStringIncludes(organizations.detail, "judged by the ledger");
  assertStringIncludes(organizations.detail, "organizations created since the ledger began: 3");
  assertStringIncludes(organizations.fix!, "to organization.*. If");
  const memberships = judgeOrganizationEvents({ ...facts, unannounced_memberships: 2 });
  assertStringIncludes(memberships.fix!, "to organizationMembership.*. If");
  const both = judgeOrganizationEvents({ ...facts, unannounced_organizations: 1, unannounced_memberships: 2 });
  assertStringIncludes(both.fix!, "organization.* and organizationMembership.*");
});
