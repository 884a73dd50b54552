import { assert, assertEquals } from "@std/assert";
import { createResumesHandler } from "../../../supabase/functions/resumes/handler.ts";
import type { Page } from "../../../supabase/functions/_clerk-supabase/http/page.ts";
import type { ResumeInput } from "../../../supabase/functions/resumes/input.ts";
import type { Resume, ResumeStore, ResumeSummary } from "../../../supabase/functions/resumes/store.ts";
import { conforming } from "../../helpers/stack/openapi.ts";
import { createPlatform } from "../../helpers/stack/platform.ts";
import { assertProblem } from "../../helpers/stack/problem.ts";
import { verifyGood } from "../../helpers/clerk/session.ts";

const ID = "9adc1c32-82f3-496a-a974-d584200aca96";

function summary(index: number): ResumeSummary {
  const created = `2026-11-23T10:35:${String(59 - index).padStart(2, "0")}.969899+00:00`;
  return { id: ID, title: `resume ${index}`, created_at: created, updated_at: created };
}

const resume = (index: number): Resume => ({ ...summary(index), content: "" });

function setUp(overrides: Partial<ResumeStore> = {}) {
  const written: ResumeInput[] = [];
  const pages: Page[] = [];
  const refuse = () => Promise.reject(new Error("must not be called"));
  const handler = conforming(createResumesHandler({
    ...createPlatform(),
    verifyToken: verifyGood(),
    store: {
      list: (_, page) => {
        pages.push(page);
        return Promise.resolve(Array.from({ length: page.limit + 1 }, (_, index) => summary(index)));
      },
      create: (_, input) => {
        written.push(input);
        return Promise.resolve({ ...resume(0), ...input });
      },
      read: refuse,
      replace: refuse,
      remove: refuse,
      ...overrides,
    },
  }));
  const call = (method: string, path: string, body?: unknown, authorization = "Bearer good") =>
    handler(
      new Request(`http://localhost/resumes${path}`, {
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

Deno.test("resumes lists a page and the cursor of the next one", async () => {
  const { call, pages } = setUp();
  const { resumes, next_cursor } = await (await call("GET", "?limit=2")).json();
  assertEquals([resumes.length, pages[0]], [2, { limit: 2, after: undefined }]);
  await call("GET", `?limit=2&cursor=${next_cursor}`);
  assertEquals(pages[1]!.after, { createdAt: resumes[1].created_at, id: ID });
});

Deno.test("resumes has no cursor on the last page", async () => {
  const { call } = setUp({ list: () => Promise.resolve([summary(0)]) });
  assertEquals(await (await call("GET", "")).json(), { resumes: [summary(0)], next_cursor: null });
});

Deno.test("resumes refuses an invalid page and names the field", async () => {
  const { call, pages } = setUp();
  for (const limit of ["0", "101", "-1", "1e1", "", "x", "1000"]) {
    await assertField(await call("GET", `?limit=${limit}`), "limit");
  }
  const forged = [
    "",
    "x",
    "%00",
    btoa("2026-11-23T10:35:59Z"),
    btoa(`2026-11-23T10:35:59Z ${ID}),user_id.not.is.null`),
    btoa(`2026-11-23T10:35:59Z",id.gt.0 ${ID}`),
    btoa(`now ${ID}`),
    ...["2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "0000-01-01T00:00:00Z"].map((at) =>
      btoa(`${at} ${ID}`)
    ),
    ...["2026-01-01T00:00:00+99:99", "2026-01-01T00:00:00.1234567Z", "2026-00-10T00:00:00Z"].map((at) =>
      btoa(`${at} ${ID}`)
    ),
  ];
  for (const cursor of forged) await assertField(await call("GET", `?cursor=${encodeURIComponent(cursor)}`), "cursor");
  assertEquals(pages, []);
});

Deno.test("resumes stores only the fields that callers may write", async () => {
  const { call, written } = setUp();
  const response = await call("POST", "", { title: "Engineer\u0000", content: "text" });
  assertEquals([response.status, (await response.json()).title], [201, "Engineer"]);
  await call("POST", "", { title: "😀".repeat(200) });
  assertEquals(written, [{ title: "Engineer", content: "text" }, { title: "😀".repeat(200), content: "" }]);
});

Deno.test("resumes refuses an invalid field and names it", async () => {
  const { call, written } = setUp();
  for (const title of [undefined, null, 7, "", "\u0000", "t".repeat(201), ["x"]]) {
    await assertField(await call("POST", "", { title }), "title");
  }
  for (const content of [7, {}, "c".repeat(100_001)]) {
    await assertField(await call("POST", "", { title: "x", content }), "content");
  }
  for (const field of ["user_id", "id", "created_at"]) {
    await assertField(await call("POST", "", { title: "x", [field]: ID }), field);
  }
  assertEquals(written, []);
});

Deno.test("resumes refuses a body that is not a JSON object or is too long", async () => {
  const { call } = setUp();
  for (const body of ["", "null", "[]", "{", "7"]) {
    await assertProblem(await call("POST", "", body), 400, "BODY_INVALID");
  }
  await assertProblem(await call("POST", "", "x".repeat(512 * 1024 + 1)), 413, "BODY_TOO_LARGE");
});

Deno.test("resumes reads, replaces and deletes by id", async () => {
  const { call } = setUp({
    read: () => Promise.resolve(resume(1)),
    replace: (_, id, input) => Promise.resolve({ ...resume(1), id, ...input }),
    remove: () => Promise.resolve(true),
  });
  assertEquals((await (await call("GET", `/${ID}`)).json()).title, "resume 1");
  assertEquals((await (await call("PUT", `/${ID}`, { title: "new" })).json()).title, "new");
  const deleted = await call("DELETE", `/${ID}`);
  assertEquals([deleted.status, deleted.body], [204, null]);
});

Deno.test("resumes returns 404 for another caller's resume, a missing one and an invalid id", async () => {
  const none = () => Promise.resolve(undefined);
  const { call } = setUp({ read: none, replace: none, remove: () => Promise.resolve(false) });
  await assertProblem(await call("GET", `/${ID}`), 404, "NOT_FOUND");
  await assertProblem(await call("PUT", `/${ID}`, { title: "x" }), 404, "NOT_FOUND");
  await assertProblem(await call("DELETE", `/${ID}`), 404, "NOT_FOUND");
  for (const path of ["/1", "/me", `/${ID}/more`, `/${ID.slice(1)}`, `/${ID}/`]) {
    await assertProblem(await call("GET", path), 404, "NOT_FOUND");
    assertEquals((await call("OPTIONS", path, undefined, "")).status, 204);
    await assertProblem(await call("GET", path, undefined, ""), 401, "TOKEN_MISSING");
  }
});

Deno.test("resumes refuses methods that a path does not support", async () => {
  const { call } = setUp();
  const collection = await call("DELETE", "");
  assertEquals(collection.headers.get("allow"), "GET, POST, OPTIONS");
  await assertProblem(collection, 405, "METHOD_NOT_ALLOWED");
  const item = await call("POST", `/${ID}`);
  assertEquals(item.headers.get("allow"), "GET, PUT, DELETE, OPTIONS");
  await assertProblem(item, 405, "METHOD_NOT_ALLOWED");
});

Deno.test("resumes refuses a request without a valid token", async () => {
  const { call } = setUp();
  for (
    const [method, path] of [["GET", ""], ["POST", ""], ["GET", `/${ID}`], ["PUT", `/${ID}`], [
      "DELETE",
      `/${ID}`,
    ]] as const
  ) {
    await assertProblem(await call(method, path, method === "GET" ? undefined : {}, ""), 401, "TOKEN_MISSING");
    await assertProblem(
      await call(method, path, method === "GET" ? undefined : {}, "Bearer old"),
      401,
      "TOKEN_EXPIRED",
    );
  }
});
