import { assertEquals } from "@std/assert";
import { type CountFailing, createHealthCheck, type Parts } from "../../../supabase/functions/health/check.ts";
import { createHealthHandler } from "../../../supabase/functions/health/handler.ts";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { VERSION } from "../../../supabase/functions/_clerk-supabase/version.ts";
import { createPlatform } from "../../helpers/stack/platform.ts";

const GOOD: Parts = {
  problems: [],
  applyChanges: () => Promise.resolve([]),
  keyIds: () => Promise.resolve(["ins_1"]),
  areKeysNeeded: true,
  instanceId: undefined,
};

const FAILING = { messages: 2, since: "2026-11-23T10:00:00+00:00" };

function setUp(parts: Partial<Parts> = {}, countFailing: CountFailing = () => Promise.resolve(FAILING)) {
  let [checks, counts, time] = [0, 0, 0];
  const check = createHealthCheck({ ...GOOD, ...parts });
  const handler = createHealthHandler({
    ...createPlatform({ now: () => time }),
    check: () => {
      checks++;
      return check();
    },
    countFailing: () => {
      counts++;
      return countFailing();
    },
    matchesServiceKey: (request) => Promise.resolve(request.headers.get("apikey") === "sb_secret_ours"),
  });
  const call = (headers: Record<string, string> = {}) => handler(new Request("http://localhost/health", { headers }));
  return {
    call,
    checks: () => checks,
    counts: () => counts,
    pass: (milliseconds: number) => void (time += milliseconds),
  };
}

const service = { apikey: "sb_secret_ours" };

Deno.test("health returns only the status to strangers", async () => {
  const good = await setUp().call();
  assertEquals([good.status, await good.json(), good.headers.has("retry-after")], [200, { status: "ok" }, false]);
  const bad = await setUp({ problems: ["CLERK_WEBHOOK_SECRET"] }).call({ apikey: "sb_publishable_x" });
  assertEquals([bad.status, await bad.json(), bad.headers.get("retry-after")], [503, { status: "unavailable" }, "5"]);
  assertEquals(good.headers.get("access-control-allow-origin"), "*");
});

Deno.test("health returns the version, the state of each part and faulty variables to the project", async () => {
  const ok = { status: "ok" };
  assertEquals(await (await setUp().call(service)).json(), {
    status: "ok",
    version: VERSION,
    parts: { variables: { ...ok, names: [] }, database: ok, jwks: ok, instance: ok },
    failing: FAILING,
  });
  const away = () => Promise.reject(new ApiError("DATABASE_UNAVAILABLE", "away"));
  const broken = setUp({ problems: ["CLERK_ISSUER"], applyChanges: away, keyIds: () => Promise.resolve([]) });
  assertEquals(await (await broken.call(service)).json(), {
    status: "unavailable",
    version: VERSION,
    parts: {
      variables: { status: "failed", code: "CONFIG_INVALID", names: ["CLERK_ISSUER"] },
      database: { status: "failed", code: "DATABASE_UNAVAILABLE" },
      jwks: { status: "failed", code: "JWKS_UNAVAILABLE" },
      instance: { status: "ok" },
    },
    failing: FAILING,
  });
});

Deno.test("health counts failing messages only for the project, and stays ok with them", async () => {
  const world = setUp();
  await world.call();
  assertEquals(world.counts(), 0);
  const answer = await world.call(service);
  assertEquals([answer.status, (await answer.json()).failing, world.counts()], [200, FAILING, 1]);
  const unknown = await setUp({}, () => Promise.resolve(undefined)).call(service);
  assertEquals([unknown.status, (await unknown.json()).failing], [200, null]);
});

Deno.test("health fails if any part fails", async () => {
  const faults: Array<Partial<Parts>> = [
    { problems: ["CLERK_DELETE_MODE"] },
    { applyChanges: undefined },
    { applyChanges: () => Promise.reject(new TypeError("unexpected")) },
    { keyIds: () => Promise.resolve([]) },
    { instanceId: "ins_typo" },
  ];
  for (const fault of faults) assertEquals((await setUp(fault).call()).status, 503);
  assertEquals((await setUp({ keyIds: undefined }).call()).status, 200);
});

Deno.test("health checks once in five seconds for all strangers, and each time for the project", async () => {
  const { call, checks, pass } = setUp();
  await Promise.all(Array.from({ length: 50 }, () => call()));
  pass(4_999);
  await call();
  assertEquals(checks(), 1);
  pass(1);
  await call();
  assertEquals(checks(), 2);
  await call(service);
  await call(service);
  assertEquals(checks(), 4);
});

Deno.test("health fails if CLERK_INSTANCE_ID is not the instance of the signing keys", async () => {
  const instance = async (parts: Partial<Parts>) =>
    (await (await setUp(parts).call(service)).json()).parts.instance as unknown;
  const failed = { status: "failed", code: "WRONG_INSTANCE" };
  assertEquals(await instance({ instanceId: "ins_1" }), { status: "ok" });
  assertEquals(await instance({ instanceId: "ins_1x" }), failed);
  assertEquals(await instance({ instanceId: "ins_1x", areKeysNeeded: false }), failed);
  for (const ids of [[], ["key-1"]]) {
    assertEquals(await instance({ instanceId: "ins_1x", keyIds: () => Promise.resolve(ids) }), { status: "ok" });
  }
});

Deno.test("health fetches no keys if a PEM key verifies tokens and no instance is configured", async () => {
  const keyIds = () => Promise.reject(new Error("fetched"));
  assertEquals((await setUp({ keyIds, areKeysNeeded: false }).call()).status, 200);
});
