import { assertEquals, assertRejects } from "@std/assert";
import {
  createOrganizationsApi,
  type OrganizationsApi,
} from "../../../../supabase/functions/_clerk-supabase/clerk/organizations_api.ts";
import { ApiError } from "../../../../supabase/functions/_clerk-supabase/errors.ts";

const CONFIG = { url: "https://api.clerk.com", secretKey: "sk_test_secret" };
const DATE = "Thu, 10 Apr 2025 09:13:13 GMT";
const ANSWERED_AT = Date.parse(DATE);

/** Creates an API that always gets one response, and records the requested URLs. */
function apiOf(status: number, body: unknown, headers: Record<string, string> = { date: DATE }) {
  const asked: string[] = [];
  const api = createOrganizationsApi(CONFIG, (url) => {
    asked.push(url.slice(CONFIG.url.length));
    return Promise.resolve(Response.json(body, { status, headers }));
  });
  return { api, asked };
}

const failureOf = (code: string) => ({ errors: [{ code, message: "access denied" }] });
/** Clerk's response in an instance without organizations. */
const NOT_ENABLED = failureOf("organization_not_enabled_in_instance");
const page = (...ids: string[]) => ({ data: ids.map((id) => ({ id, object: "organization" })), total_count: 41 });

const LISTS: Array<[name: string, list: (api: OrganizationsApi) => Promise<unknown>]> = [
  ["listOrganizations", (api) => api.listOrganizations({ limit: 250 })],
  ["listMemberships", (api) => api.listMemberships({ limit: 250 })],
  ["listMembershipsOf", (api) => api.listMembershipsOf("org_a", { limit: 250 })],
];

Deno.test("createOrganizationsApi() requests pages by offset and ids, with Clerk's own names", async () => {
  const { api, asked } = apiOf(200, page("org_a"));
  const found = await api.listOrganizations({ limit: 250, offset: 245, order_by: "+created_at" });
  assertEquals([found?.items.map(({ id }) => id), found?.total, found?.answeredAt, found?.limit], [
    ["org_a"],
    41,
    ANSWERED_AT,
    250,
  ]);
  await api.listOrganizations({ limit: 50, organization_id: ["org_a", "org_b"] });
  await api.listMemberships({ limit: 250, offset: 0, order_by: "+created_at" });
  await api.listMembershipsOf("org_/../a", { limit: 10, user_id: ["user_a"] });
  assertEquals(asked, [
    "/v1/organizations?limit=250&offset=245&order_by=%2Bcreated_at",
    "/v1/organizations?limit=50&organization_id=org_a&organization_id=org_b",
    "/v1/organization_memberships?limit=250&offset=0&order_by=%2Bcreated_at",
    "/v1/organizations/org_%2F..%2Fa/memberships?limit=10&user_id=user_a",
  ]);
});

Deno.test("lists are undefined if Clerk reports that the instance has no organizations", async () => {
  for (const [name, list] of LISTS) {
    for (const status of [403, 404]) {
      const { api, asked } = apiOf(status, NOT_ENABLED);
      assertEquals([await list(api), asked.length], [undefined, 1], name);
    }
    for (
      const [status, body] of [[403, failureOf("authorization_invalid")], [403, {}], [404, {}], [
        500,
        NOT_ENABLED,
      ]] as const
    ) {
      const error = await assertRejects(() => list(apiOf(status, body).api), ApiError);
      assertEquals(error.code, status === 403 ? "CLERK_SECRET_KEY_REFUSED" : "CLERK_UNAVAILABLE", name);
    }
  }
});

Deno.test("the list of members is undefined for an organization that Clerk does not have", async () => {
  const unknown = failureOf("resource_not_found");
  assertEquals(await apiOf(404, unknown).api.listMembershipsOf("org_a", { limit: 10 }), undefined);
  for (const list of [LISTS[0]![1], LISTS[1]![1]]) {
    assertEquals((await assertRejects(() => list(apiOf(404, unknown).api), ApiError)).code, "CLERK_UNAVAILABLE");
  }
});

Deno.test("a response that is not a list of Clerk is an error", async () => {
  const bad = [[], {}, { data: [] }, { data: {}, total_count: 1 }, { data: [{}], total_count: 1 }, {
    data: [],
    total_count: "1",
  }];
  for (const [name, list] of LISTS) {
    for (const body of bad) {
      assertEquals((await assertRejects(() => list(apiOf(200, body).api), ApiError)).code, "CLERK_UNAVAILABLE", name);
    }
    const undated = apiOf(200, page("org_a"), {});
    assertEquals((await assertRejects(() => list(undated.api), ApiError)).code, "CLERK_UNAVAILABLE", name);
  }
});

Deno.test("findOrganization() reports an organization as gone only if Clerk itself says so", async () => {
  const find = (status: number, body: unknown) => apiOf(status, body).api.findOrganization("org_a");
  const none = { organization: undefined, isGone: false, answeredAt: ANSWERED_AT };
  assertEquals(await find(404, failureOf("resource_not_found")), { ...none, isGone: true });
  assertEquals(await find(200, { id: "org_a" }), { ...none, organization: { id: "org_a" } });
  assertEquals(await find(200, { id: "org_b", slug: "org_a" }), none, "a slug matches too");
  assertEquals(await find(200, {}), none);
  assertEquals(await find(403, NOT_ENABLED), none);
  for (const [status, body] of [[404, {}], [500, NOT_ENABLED], [500, failureOf("resource_not_found")]] as const) {
    const error = await assertRejects(() => find(status, body), ApiError);
    assertEquals(error.code, "CLERK_UNAVAILABLE");
  }
  const limited = apiOf(429, {}, { "retry-after": "7" });
  const error = await assertRejects(() => limited.api.findOrganization("org_a"), ApiError);
  assertEquals([error.code, error.headers["retry-after"]], ["CLERK_RATE_LIMITED", "7"]);
});
