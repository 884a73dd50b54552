import { assertEquals, assertStringIncludes } from "@std/assert";
import { judgeOrganizationColumns, judgeOrganizationEvents } from "../../../../cli/doctor/organizations.ts";

const facts = { organization_columns: [], unannounced_organizations: 0 };

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

Deno.test("judgeOrganizationEvents() fails if organizations came without messages, and says what was judged", () => {
  assertEquals(judgeOrganizationEvents(facts).status, "ok");
  const { status, detail, mend } = judgeOrganizationEvents({ ...facts, unannounced_organizations: 3 });
  assertEquals(status, "failed");
  assertStringIncludes(detail, "3 organizations");
  assertStringIncludes(detail, "ledger");
  assertStringIncludes(mend!, "organizationMembership.*");
});
