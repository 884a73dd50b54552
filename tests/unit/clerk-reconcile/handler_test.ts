import { assertEquals } from "@std/assert";
import { createServiceKeyCheck } from "../../../supabase/functions/_clerk-supabase/auth/service_key.ts";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { createClerkReconcileHandler } from "../../../supabase/functions/clerk-reconcile/handler.ts";
import type { ReconcileRequest } from "../../../supabase/functions/clerk-reconcile/input.ts";
import { KINDS, type Task, TASK_NAMES, type TaskName } from "../../../supabase/functions/clerk-reconcile/state.ts";
import type { Status } from "../../../supabase/functions/clerk-reconcile/store.ts";
import { createPlatform } from "../../helpers/stack/platform.ts";
import { assertProblem } from "../../helpers/stack/problem.ts";

const STATUS: Status = {
  users: 2,
  deleted: 1,
  organizations: { live: 0, deleted: 0, memberships: 0 },
  instance: { instance_id: "ins_1", bound_at: "2026-11-23T10:00:00Z", bound_by: "webhook", moved_from: null },
  refusals: { users: 1, organizations: 0, memberships: 0, deletions: 0, since: "2026-11-23T10:00:00Z" },
  failing: { messages: 1, since: "2026-11-23T10:00:00Z" },
  last_message: null,
  last_day: [],
  reconcile: {
    running: false,
    watermark: Date.parse("2026-11-23T10:00:00Z"),
    backfill: { started_at: "a", finished_at: "b", items: 2, total: 2, recent: ["user_secret"] },
  },
};

/** The options for an empty body. */
const NOTHING: ReconcileRequest = {
  task: undefined,
  kind: undefined,
  dryRun: false,
  restart: false,
  maxDeletes: undefined,
  bind: undefined,
};

const ROWS = { listRows: () => Promise.resolve([]), countRows: () => Promise.resolve(0) };

/** Creates a handler whose tasks are all finished at their start. */
function setUp(
  { countUsers = () => Promise.resolve(3), lease = () => Promise.resolve({ id: "lease", state: {}, takenAt: 0 }) } = {},
) {
  const requests: ReconcileRequest[] = [];
  const kept: Array<Promise<unknown>> = [];
  const done = (name: TaskName): Task => ({
    name,
    begin: (state) => Promise.resolve({ ...state, [name]: { started_at: "a", finished_at: "b", items: 0, total: 0 } }),
    step: (state) => Promise.resolve({ state, size: 0, results: [] }),
  });
  const handler = createClerkReconcileHandler({
    ...createPlatform(),
    requireServiceKey: createServiceKeyCheck(["sb_secret_ours"]),
    store: {
      lease,
      save: () => Promise.resolve(),
      release: () => Promise.resolve(),
      rows: { users: ROWS, organizations: ROWS, memberships: ROWS },
      listRefusals: () => Promise.resolve([]),
      retryDeletions: () => Promise.resolve([]),
      retryOrganizationDeletions: () => Promise.resolve([]),
      boundInstance: () => Promise.resolve("ins_1"),
      bindInstance: () => Promise.resolve("ins_1"),
      moveInstance: () => Promise.resolve(),
      status: () => Promise.resolve(STATUS),
    },
    instance: { require: () => Promise.resolve(), move: () => Promise.resolve() },
    tasks: (request) => {
      requests.push(request);
      const names: TaskName[] = ["pull", "retry", ...KINDS.flatMap((kind) => Object.values(TASK_NAMES[kind]))];
      return Object.fromEntries(names.map((name) => [name, done(name)])) as Record<TaskName, Task>;
    },
    requests: () => 0,
    countUsers,
    sleep: () => Promise.resolve(),
    keepAlive: (work) => kept.push(work),
  });
  const call = (method: string, body?: unknown, key = "sb_secret_ours") =>
    handler(
      new Request("http://localhost/clerk-reconcile", {
        method,
        headers: { apikey: key },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
  return { call, requests, kept };
}

Deno.test("clerk-reconcile accepts only the project's secret keys", async () => {
  const { call, requests } = setUp();
  for (const method of ["GET", "POST"]) {
    await assertProblem(await call(method, undefined, "sb_publishable_x"), 403, "SERVICE_KEY_INVALID");
    await assertProblem(await call(method, undefined, ""), 401, "SERVICE_KEY_REQUIRED");
  }
  assertEquals(requests, []);
});

Deno.test("clerk-reconcile runs the due tasks for an empty body, and reads each field", async () => {
  const { call, requests } = setUp();
  for (const body of [undefined, "", {}]) assertEquals((await call("POST", body)).status, 200);
  await call("POST", { task: "sweep", max_deletes: 0, restart: true });
  await call("POST", { task: "sweep", kind: "organizations", max_deletes: 20 });
  await call("POST", { dry_run: true });
  await call("POST", { bind: "ins_2" });
  assertEquals(requests, [
    ...Array(3).fill(NOTHING),
    { ...NOTHING, task: "sweep", restart: true, maxDeletes: 0 },
    { ...NOTHING, task: "sweep", kind: "organizations", maxDeletes: 20 },
    { ...NOTHING, dryRun: true },
    { ...NOTHING, bind: "ins_2" },
  ]);
});

Deno.test("clerk-reconcile refuses unknown input and does nothing", async () => {
  const { call, requests } = setUp();
  for (const body of ["[]", "no JSON", "null", "1"]) await assertProblem(await call("POST", body), 400, "BODY_INVALID");
  const bad: Array<[field: string, body: unknown]> = [
    ["task", { task: "compare" }],
    ["task", { task: 1 }],
    ["task", { task: "pull", dry_run: true }],
    ["kind", { task: "sweep", kind: "teams" }],
    ["kind", { task: "pull", kind: "organizations" }],
    ["kind", { kind: "users" }],
    ["dry_run", { dry_run: "false" }],
    ["restart", { restart: 1 }],
    ["max_deletes", { max_deletes: -1 }],
    ["max_deletes", { max_deletes: 1.5 }],
    ["max_deletes", { max_deletes: "9" }],
    ["bind", { bind: 1 }],
    ["bind", { bind: "user_1" }],
    ["bind", { bind: "ins_2", dry_run: true }],
    ["dryrun", { dryrun: true }],
  ];
  for (const [field, body] of bad) {
    const response = await call("POST", body);
    assertEquals((await response.clone().json()).field, field);
    await assertProblem(response, 422, "FIELD_INVALID");
  }
  await assertProblem(await call("POST", " ".repeat(5_000)), 413, "BODY_TOO_LARGE");
  assertEquals(requests, []);
});

Deno.test("clerk-reconcile finishes the slice after its caller has closed the connection", async () => {
  const { call, kept } = setUp();
  const { task, done } = await (await call("POST", { task: "pull" })).json();
  assertEquals([task, done, kept.length], ["pull", true, 1]);
  assertEquals(await kept[0], await (await call("POST", { task: "pull" })).json());
});

Deno.test("clerk-reconcile tells a second caller when to retry", async () => {
  const running = () => Promise.reject(new ApiError("RECONCILE_RUNNING", "running", { retryAfterSeconds: 42 }));
  const response = await setUp({ lease: running }).call("POST");
  assertEquals(response.headers.get("retry-after"), "42");
  await assertProblem(response, 409, "RECONCILE_RUNNING");
});

Deno.test("clerk-reconcile returns how fresh the table is, without its cursors", async () => {
  const response = await setUp().call("GET");
  assertEquals(await response.json(), {
    users: 2,
    deleted: 1,
    organizations: STATUS.organizations,
    instance: STATUS.instance,
    refusals: STATUS.refusals,
    failing: STATUS.failing,
    last_message: null,
    last_day: [],
    clerk_users: 3,
    clerk_error: null,
    reconcile: {
      running: false,
      watermark: "2026-11-23T10:00:00.000Z",
      backfill: { started_at: "a", finished_at: "b", items: 2, total: 2 },
      pull: null,
      sweep: null,
      organizations: { backfill: null, sweep: null },
      memberships: { backfill: null, sweep: null },
    },
  });
});

Deno.test("clerk-reconcile returns the status during an outage of Clerk", async () => {
  const countUsers = () => Promise.reject(new ApiError("CLERK_UNAVAILABLE", "away"));
  const { clerk_users, clerk_error } = await (await setUp({ countUsers }).call("GET")).json();
  assertEquals([clerk_users, clerk_error], [null, "CLERK_UNAVAILABLE"]);
});

Deno.test("clerk-reconcile supports two methods and no CORS", async () => {
  const response = await setUp().call("OPTIONS");
  assertEquals([response.headers.get("allow"), response.headers.has("access-control-allow-origin")], [
    "GET, POST",
    false,
  ]);
  await assertProblem(response, 405, "METHOD_NOT_ALLOWED");
});
