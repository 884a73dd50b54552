import { assertEquals, assertRejects } from "@std/assert";
import type { ClerkChange } from "../../../supabase/functions/_clerk-supabase/database/change.ts";
import { createImportMemberships } from "../../../supabase/functions/organization/import_memberships.ts";
import { createListMembershipsOfUser } from "../../../supabase/functions/_clerk-supabase/clerk/organizations_api.ts";
import type { Outcome } from "../../../supabase/functions/_clerk-supabase/database/apply_changes.ts";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { membershipOf } from "../../helpers/stack/organization_stack.ts";

const ANSWERED_AT = Date.parse("Thu, 10 Apr 2025 09:13:13 GMT");

interface Options {
  outcomeOf?: (change: ClerkChange) => Outcome;
  /** Time per page, in milliseconds. */
  pageMs?: number;
  /** The user that Clerk names in the memberships. */
  user?: { user_id: string } | null;
  /** Greatest number of items of a page, which is reduced for costly items. */
  most?: number;
}

/** Creates an importer for a user with memberships of org_0, org_1 and so on. */
function setUp(
  count: number,
  { outcomeOf = () => ({ outcome: "created" }), pageMs = 0, most = 250, user }: Options = {},
) {
  const offsets: number[] = [];
  const calls: ClerkChange[][] = [];
  const clock = { now: 0 };
  const items = Array.from(
    { length: count },
    (_, index) => ({
      ...membershipOf(`org_${index}`, "user_ada", "org:member", 1_000),
      ...(user !== undefined && { public_user_data: user }),
    }),
  );
  const importMemberships = createImportMemberships({
    listMemberships: async (_, { limit, offset = 0 }) => {
      offsets.push(offset);
      clock.now += pageMs;
      await Promise.resolve();
      const size = Math.min(limit, most);
      const page = items.slice(offset, offset + size);
      return {
        items: page,
        total: count,
        answeredAt: ANSWERED_AT,
        size: 1_000,
        limit: size,
      };
    },
    applyChanges: (changes) => {
      calls.push([...changes]);
      return Promise.resolve(changes.map(outcomeOf));
    },
    now: () => clock.now,
  });
  return { importMemberships, offsets, calls, clock };
}

async function refusalOf(run: () => Promise<unknown>): Promise<ApiError> {
  return await assertRejects(run, ApiError);
}

Deno.test("createImportMemberships() applies every membership and its organization in one call", async () => {
  const { importMemberships, calls } = setUp(2);
  await importMemberships("user_ada", "org_1");
  assertEquals(
    calls.map((changes) => changes.map(({ type, organization_id }) => `${type} ${organization_id}`)),
    [[
      "organization.fetched org_0",
      "organizationMembership.fetched org_0",
      "organization.fetched org_1",
      "organizationMembership.fetched org_1",
    ]],
  );
  const [organization, membership] = calls[0]!;
  assertEquals([
    organization?.name,
    organization?.event_at,
    membership?.user_id,
    membership?.role,
  ], [
    "0",
    ANSWERED_AT,
    "user_ada",
    "org:member",
  ]);
});

Deno.test("createImportMemberships() writes nothing if Clerk does not list the organization", async () => {
  for (const count of [0, 2]) {
    const { importMemberships, calls } = setUp(count);
    const error = await refusalOf(() => importMemberships("user_ada", "org_7"));
    assertEquals([error.code, error.status, calls], [
      "ORGANIZATION_MEMBERSHIP_MISSING",
      403,
      [],
    ]);
  }
});

Deno.test("createImportMemberships() reads all pages, including short pages of costly members", async () => {
  const { importMemberships, offsets, calls } = setUp(600);
  await importMemberships("user_ada", "org_599");
  assertEquals([offsets, calls.map((changes) => changes.length)], [[
    0,
    250,
    500,
  ], [500, 500, 200]]);
  const costly = setUp(120, { most: 50 });
  await costly.importMemberships("user_ada", "org_119");
  assertEquals(
    [costly.offsets, costly.calls.map((changes) => changes.length)],
    [[0, 50, 100], [240]],
  );
});

Deno.test("createImportMemberships() stops after 15 s without writing anything", async () => {
  const { importMemberships, offsets, calls } = setUp(10_000, {
    pageMs: 6_000,
  });
  const error = await refusalOf(() => importMemberships("user_ada", "org_0"));
  assertEquals([error.code, offsets, calls], ["CLERK_UNAVAILABLE", [
    0,
    250,
    500,
  ], []]);
});

Deno.test("createImportMemberships() reads from Clerk once for concurrent requests, and remembers a failure", async () => {
  const { importMemberships, offsets, clock } = setUp(1);
  await Promise.all(
    Array.from({ length: 50 }, () => importMemberships("user_ada", "org_0")),
  );
  assertEquals(offsets.length, 1);
  await refusalOf(() => importMemberships("user_ada", "org_7"));
  await refusalOf(() => importMemberships("user_ada", "org_7"));
  assertEquals(offsets.length, 2, "another organization is another question");
  clock.now += 10_000;
  await refusalOf(() => importMemberships("user_ada", "org_7"));
  assertEquals(offsets.length, 3);
});

Deno.test("createImportMemberships() reports the refusal of the requested membership, and ignores others", async () => {
  const detail = {
    sqlstate: "23514",
    table: "public.organizations",
    constraint: "short_name",
  };
  const refuse = (code: string, organization: string) => (change: ClerkChange): Outcome =>
    change.organization_id === organization ? { outcome: "refused", code, detail } : { outcome: "created" };
  const schema = setUp(2, { outcomeOf: refuse("SCHEMA_REFUSED", "org_1") });
  const error = await refusalOf(() => schema.importMemberships("user_ada", "org_1"));
  assertEquals([error.code, error.cause], ["SCHEMA_REFUSED", {
    code: "23514 public.organizations short_name",
  }]);
  await schema.importMemberships("user_ada", "org_0");
  const odd = setUp(1, { outcomeOf: refuse("ROLE_INVALID", "org_0") });
  const refused = await refusalOf(() => odd.importMemberships("user_ada", "org_0"));
  assertEquals([refused.code, refused.headers["retry-after"]], [
    "CLERK_UNAVAILABLE",
    "60",
  ]);
});

/** Creates a list that always gets one response, and records the requested URLs. */
function listOf(status: number, body: unknown) {
  const asked: string[] = [];
  const list = createListMembershipsOfUser({
    url: "https://api.clerk.com",
    secretKey: "sk_test_x",
  }, (url) => {
    asked.push(url);
    return Promise.resolve(
      Response.json(body, {
        status,
        headers: { date: new Date(ANSWERED_AT).toUTCString() },
      }),
    );
  });
  return { list, asked };
}

Deno.test("createListMembershipsOfUser() lists one user's memberships by page", async () => {
  const { list, asked } = listOf(200, {
    data: [{ id: "orgmem_1" }],
    total_count: 3,
  });
  const { items, total, answeredAt } = await list("user_/../ada", {
    limit: 250,
    offset: 250,
  });
  assertEquals([items.length, total, answeredAt], [1, 3, ANSWERED_AT]);
  assertEquals(asked, [
    "https://api.clerk.com/v1/users/user_%2F..%2Fada/organization_memberships?limit=250&offset=250",
  ]);
});

Deno.test("createListMembershipsOfUser() distinguishes a missing user from an instance without organizations", async () => {
  const failure = (code: string) => ({ errors: [{ code, message: "x" }] });
  const missing = listOf(404, failure("resource_not_found"));
  assertEquals(
    (await refusalOf(() => missing.list("user_ada", { limit: 1 }))).code,
    "CLERK_USER_NOT_FOUND",
  );
  const without = listOf(403, failure("organization_not_enabled_in_instance"));
  assertEquals((await without.list("user_ada", { limit: 1 })).items, []);
  for (
    const [status, code] of [[404, "CLERK_UNAVAILABLE"], [
      401,
      "CLERK_SECRET_KEY_REFUSED",
    ]] as const
  ) {
    assertEquals(
      (await refusalOf(() => listOf(status, {}).list("user_ada", { limit: 1 })))
        .code,
      code,
    );
  }
});

Deno.test("createImportMemberships() accepts a list without users, and fails for a list of another user", async () => {
  const unnamed = setUp(1, { user: null });
  await unnamed.importMemberships("user_ada", "org_0");
  assertEquals(unnamed.calls[0]!.at(-1)!.user_id, "user_ada");
  const mixedUp = setUp(1, { user: { user_id: "user_eve" } });
  const error = await refusalOf(() => mixedUp.importMemberships("user_ada", "org_0"));
  assertEquals([error.code, mixedUp.calls], ["CLERK_UNAVAILABLE", []]);
});
