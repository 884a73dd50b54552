import { assertEquals } from "@std/assert";
import type {
  OwnMembership,
  OwnOrganization,
} from "../../../supabase/functions/_clerk-supabase/database/own_organization.ts";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { createOrganizationHandler, type OrganizationDeps } from "../../../supabase/functions/organization/handler.ts";
import { conforming } from "../../helpers/stack/openapi.ts";
import { createPlatform } from "../../helpers/stack/platform.ts";
import { assertProblem } from "../../helpers/stack/problem.ts";
import { verifyGood } from "../../helpers/clerk/session.ts";

const ACTIVE = { id: "org_acme", role: "org:admin", permissions: [] };
const at = "2026-11-23T09:33:00.005+00:00";
const ROW: OwnOrganization = {
  ...{ id: "4a5f2c1e-7a55-4a39-a4a3-0f7f5c0f9d0b", clerk_organization_id: "org_acme", name: "Acme" },
  ...{ slug: null, image_url: null, metadata: {}, created_at: at, updated_at: at, role: "org:admin" },
};
const FOUND: OwnMembership = { organization: ROW, hasProfile: true, deleted: false };
const EMPTY: OwnMembership = { organization: undefined, hasProfile: true, deleted: false };
const NOBODY: OwnMembership = { organization: undefined, hasProfile: false, deleted: false };
const DELETED: OwnMembership = { organization: undefined, hasProfile: false, deleted: true };

/** Creates a handler whose reads return the rows in turn. */
function setUp(rows: OwnMembership[], overrides: Partial<OrganizationDeps> = {}) {
  const imported: string[] = [];
  let reads = 0;
  const handler = conforming(createOrganizationHandler({
    ...createPlatform(),
    verifyToken: verifyGood(ACTIVE),
    readOwnOrganization: () => Promise.resolve(rows[reads++]!),
    importMemberships: (userId, organizationId) => {
      imported.push(`${userId} ${organizationId}`);
      return Promise.resolve();
    },
    ...overrides,
  }));
  const get = (authorization = "Bearer good") =>
    handler(new Request("http://localhost/organization", { headers: authorization ? { authorization } : {} }));
  return { get, imported, reads: () => reads };
}

Deno.test("organization returns the row and the role without a request to Clerk", async () => {
  const { get, imported } = setUp([FOUND]);
  assertEquals(await (await get()).json(), ROW);
  assertEquals(imported, []);
});

Deno.test("organization imports a missing membership and reads again", async () => {
  const { get, imported } = setUp([EMPTY, FOUND]);
  assertEquals(await (await get()).json(), ROW);
  assertEquals(imported, ["user_ada org_acme"]);
});

Deno.test("organization returns the error if Clerk does not list the membership", async () => {
  const importMemberships = () => Promise.reject(new ApiError("ORGANIZATION_MEMBERSHIP_MISSING", "not there"));
  await assertProblem(await setUp([EMPTY], { importMemberships }).get(), 403, "ORGANIZATION_MEMBERSHIP_MISSING");
});

Deno.test("organization returns 404 for a membership that ended in the database", async () => {
  await assertProblem(await setUp([EMPTY, EMPTY]).get(), 404, "ORGANIZATION_NOT_SYNCED");
});

Deno.test("organization returns 404 for a missing membership without CLERK_SECRET_KEY", async () => {
  const { get, reads } = setUp([EMPTY], { importMemberships: undefined });
  const response = await get();
  assertEquals([response.headers.get("retry-after"), reads()], ["2", 1]);
  await assertProblem(response, 404, "ORGANIZATION_NOT_SYNCED");
});

Deno.test("organization refers a caller without a profile to profile, without a request to Clerk", async () => {
  const { get, imported } = setUp([NOBODY]);
  await assertProblem(await get(), 404, "PROFILE_NOT_SYNCED");
  assertEquals(imported, []);
});

Deno.test("organization returns 410 for a deleted user without a request to Clerk", async () => {
  const { get, imported } = setUp([DELETED]);
  await assertProblem(await get(), 410, "USER_DELETED");
  assertEquals(imported, []);
});

Deno.test("organization returns 404 without an active organization, and reads nothing", async () => {
  const { get, reads } = setUp([], { verifyToken: verifyGood() });
  await assertProblem(await get(), 404, "NO_ACTIVE_ORGANIZATION");
  assertEquals(reads(), 0);
});

Deno.test("organization refuses a request without a valid token", async () => {
  const { get } = setUp([]);
  await assertProblem(await get(""), 401, "TOKEN_MISSING");
  await assertProblem(await get("Bearer old"), 401, "TOKEN_EXPIRED");
});
