import { assert, assertEquals } from "@std/assert";
import type { Page } from "../../../supabase/functions/_clerk-supabase/http/page.ts";
import { createProjectsHandler } from "../../../supabase/functions/projects/handler.ts";
import type { ProjectInput } from "../../../supabase/functions/projects/input.ts";
import type { Project, ProjectStore } from "../../../supabase/functions/projects/store.ts";
import { conforming } from "../../helpers/stack/openapi.ts";
import { createPlatform } from "../../helpers/stack/platform.ts";
import { assertProblem } from "../../helpers/stack/problem.ts";
import { verifyGood } from "../../helpers/clerk/session.ts";

const ID = "9adc1c32-82f3-496a-a974-d584200aca96";
const ACME = { id: "org_acme", role: "org:admin", permissions: [] };

function project(index: number): Project {
  const created = `2026-11-23T10:35:${String(59 - index).padStart(2, "0")}.969899+00:00`;
  const times = { created_at: created, updated_at: created };
  return { id: ID, created_by: null, name: `project ${index}`, description: "", ...times };
}

function setUp(overrides: Partial<ProjectStore> = {}, organization: typeof ACME | null = ACME) {
  const written: Array<Partial<ProjectInput>> = [];
  const pages: Page[] = [];
  const refuse = () => Promise.reject(new Error("must not be called"));
  const handler = conforming(createProjectsHandler({
    ...createPlatform(),
    verifyToken: verifyGood(organization ?? undefined),
    store: {
      list: (_, page) => {
        pages.push(page);
        return Promise.resolve(Array.from({ length: page.limit + 1 }, (_, index) => project(index)));
      },
      create: (_, input) => {
        written.push(input);
        return Promise.resolve({ ...project(0), ...input });
      },
      read: refuse,
      change: (_, id, change) => {
        written.push(change);
        return Promise.resolve({ ...project(1), id, ...change });
      },
      remove: refuse,
      ...overrides,
    },
  }));
  const call = (method: string, path: string, body?: unknown, authorization = "Bearer good") =>
    handler(
      new Request(`http://localhost/projects${path}`, {
        method,
        headers: authorization ? { authorization } : {},
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
  return { call, written, pages };
}

async function assertField(response: Response, field: string): Promise<void> {
  const { field: named, detail } = await response.clone().json();
  assertEquals(named, field);
  assert(detail.includes(field), detail);
  await assertProblem(response, 422, "FIELD_INVALID");
}

/** Every route, with a valid body. */
const ROUTES: Array<[method: string, path: string, body?: unknown]> = [
  ["GET", ""],
  ["POST", "", { name: "x" }],
  ["GET", `/${ID}`],
  ["PATCH", `/${ID}`, { name: "x" }],
  ["DELETE", `/${ID}`],
];

Deno.test("projects lists a page and the cursor of the next one", async () => {
  const { call, pages } = setUp();
  const { projects, next_cursor } = await (await call("GET", "?limit=2")).json();
  assertEquals([projects.length, pages[0]], [2, { limit: 2, after: undefined }]);
  await call("GET", `?limit=2&cursor=${next_cursor}`);
  assertEquals(pages[1]!.after, { createdAt: projects[1].created_at, id: ID });
});

Deno.test("projects has no cursor on the last page", async () => {
  const { call } = setUp({ list: () => Promise.resolve([project(0)]) });
  assertEquals(await (await call("GET", "")).json(), { projects: [project(0)], next_cursor: null });
});

Deno.test("projects stores only the fields that callers may write", async () => {
  const { call, written } = setUp();
  const response = await call("POST", "", { name: "Engine\u0000", description: "text" });
  assertEquals([response.status, (await response.json()).name], [201, "Engine"]);
  await call("POST", "", { name: "x" });
  assertEquals(written, [{ name: "Engine", description: "text" }, { name: "x", description: "" }]);
});

Deno.test("projects changes only the given fields", async () => {
  const { call, written } = setUp();
  assertEquals((await (await call("PATCH", `/${ID}`, { name: "new" })).json()).name, "new");
  await call("PATCH", `/${ID}`, { description: "" });
  assertEquals(written, [{ name: "new" }, { description: "" }]);
});

Deno.test("projects refuses an invalid field and names it", async () => {
  const { call, written } = setUp();
  for (const name of [undefined, null, 7, "", "\u0000", "n".repeat(201)]) {
    await assertField(await call("POST", "", { name }), "name");
  }
  for (const change of [{}, { name: "" }, { name: null }]) {
    await assertField(await call("PATCH", `/${ID}`, change), "name");
  }
  for (const description of [7, {}, "d".repeat(1_001)]) {
    await assertField(await call("POST", "", { name: "x", description }), "description");
    await assertField(await call("PATCH", `/${ID}`, { description }), "description");
  }
  for (const field of ["organization_id", "created_by", "id", "created_at"]) {
    await assertField(await call("POST", "", { name: "x", [field]: ID }), field);
    await assertField(await call("PATCH", `/${ID}`, { name: "x", [field]: ID }), field);
  }
  assertEquals(written, []);
});

Deno.test("projects returns 404 without an active organization, and does not query", async () => {
  const { call, written, pages } = setUp({}, null);
  for (const route of ROUTES) await assertProblem(await call(...route), 404, "NO_ACTIVE_ORGANIZATION");
  assertEquals([written, pages], [[], []]);
});

Deno.test("projects lets only an admin delete, and names the missing role", async () => {
  const admin = setUp({ remove: () => Promise.resolve(true) });
  const deleted = await admin.call("DELETE", `/${ID}`);
  assertEquals([deleted.status, deleted.body], [204, null]);
  const member = setUp({}, { ...ACME, role: "org:member" });
  await assertProblem(await member.call("DELETE", `/${ID}`), 403, "ROLE_MISSING");
});

Deno.test("projects returns 404 for another organization's project, a missing one and an invalid id", async () => {
  const none = () => Promise.resolve(undefined);
  const { call } = setUp({ read: none, change: none, remove: () => Promise.resolve(false) });
  await assertProblem(await call("GET", `/${ID}`), 404, "NOT_FOUND");
  await assertProblem(await call("PATCH", `/${ID}`, { name: "x" }), 404, "NOT_FOUND");
  await assertProblem(await call("DELETE", `/${ID}`), 404, "NOT_FOUND");
  for (const path of ["/1", "/me", `/${ID}/more`, `/${ID.slice(1)}`, `/${ID}/`]) {
    for (const method of ["GET", "DELETE"]) await assertProblem(await call(method, path), 404, "NOT_FOUND");
    await assertProblem(await call("PATCH", path, { name: "x" }), 404, "NOT_FOUND");
  }
});

Deno.test("projects refuses methods that a path does not support", async () => {
  const { call } = setUp();
  const collection = await call("DELETE", "");
  assertEquals(collection.headers.get("allow"), "GET, POST, OPTIONS");
  await assertProblem(collection, 405, "METHOD_NOT_ALLOWED");
  const item = await call("PUT", `/${ID}`, { name: "x" });
  assertEquals(item.headers.get("allow"), "GET, PATCH, DELETE, OPTIONS");
  await assertProblem(item, 405, "METHOD_NOT_ALLOWED");
});

Deno.test("projects refuses a request without a valid token", async () => {
  const { call } = setUp();
  for (const [method, path, body] of ROUTES) {
    await assertProblem(await call(method, path, body, ""), 401, "TOKEN_MISSING");
    await assertProblem(await call(method, path, body, "Bearer old"), 401, "TOKEN_EXPIRED");
  }
});
