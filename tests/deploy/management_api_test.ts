/** The recorded management API for tests of deployments refuses what the platform refuses. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { type ManagementApi, PROJECT_REF, startManagementApi } from "../../tools/deploy/management_api.ts";

interface Answer {
  status: number;
  body: string;
}

type Call = (method: string, route: string, body?: unknown, token?: string) => Promise<Answer>;

/** Runs a test against a new API. */
function test(name: string, run: (call: Call, api: ManagementApi) => Promise<void>): void {
  Deno.test(`the recorded management API ${name}`, async () => {
    const api = startManagementApi();
    const call: Call = async (method, route, body, token = api.accessToken) => {
      const response = await fetch(`${api.url}/v1/projects/${PROJECT_REF}${route}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) },
      });
      return { status: response.status, body: await response.text() };
    };
    try {
      await run(call, api);
    } finally {
      await api.close();
    }
  });
}

function upload(metadata: unknown, files: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [path, content] of Object.entries(files)) form.append("file", new File([content], path));
  form.append("metadata", JSON.stringify(metadata));
  return form;
}

const ENTRY = { "functions/a/index.ts": "export {};" };
const METADATA = { entrypoint_path: "functions/a/index.ts" };

test("refuses requests without its token", async (call, api) => {
  assertEquals((await call("GET", "/functions", undefined, "sbp_other")).status, 401);
  assertEquals((await call("POST", "/secrets", [{ name: "A", value: "b" }], "")).status, 401);
  assertEquals(api.secrets().size, 0);
});

test("answers 404 for other projects and paths", async (call, api) => {
  assertEquals((await call("GET", "")).status, 200);
  assertEquals((await call("GET", "/branches")).status, 404);
  assertEquals((await call("GET", "extra/functions")).status, 404);
  assertEquals(api.requests.map(({ status }) => status), [200, 404, 404]);
});

test("deploys an upload, in versions, and deletes it", async (call, api) => {
  for (const version of [1, 2]) {
    assertEquals((await call("POST", "/functions/deploy?slug=a", upload(METADATA, ENTRY))).status, 201);
    assertEquals(api.functions().get("a")?.version, version);
  }
  assertEquals(new TextDecoder().decode(api.functions().get("a")?.files.get("functions/a/index.ts")), "export {};");
  assertEquals((await call("DELETE", "/functions/a")).status, 200);
  assertEquals((await call("DELETE", "/functions/a")).status, 404);
  assertEquals(api.functions().size, 0);
});

test("deploys a bundled upload only when it is activated", async (call, api) => {
  await call("POST", "/functions/deploy?slug=a&bundleOnly=true", upload(METADATA, ENTRY));
  assertEquals(api.functions().size, 0);
  assertEquals((await call("PUT", "/functions", [{ slug: "a" }, { slug: "b" }])).status, 400);
  assertEquals(api.functions().size, 0);
  assertEquals((await call("PUT", "/functions", [{ slug: "a" }])).status, 200);
  assertEquals([...api.functions().keys()], ["a"]);
});

test("checks tokens at the gateway until an upload sets verify_jwt, and then keeps the setting", async (call, api) => {
  const verified = async (metadata: unknown) => {
    await call("POST", "/functions/deploy?slug=a", upload(metadata, ENTRY));
    return api.functions().get("a")?.verifyJwt;
  };
  assertEquals(await verified(METADATA), true);
  assertEquals(await verified({ ...METADATA, verify_jwt: false }), false);
  assertEquals(await verified(METADATA), false);
});

test("refuses an upload without its entry point, import map, metadata or a valid name", async (call, api) => {
  const missing = await call("POST", "/functions/deploy?slug=a", upload(METADATA));
  assertStringIncludes(missing.body, "functions/a/index.ts was not uploaded");
  const withMap = { ...METADATA, import_map_path: "import_map.json" };
  const refused = [
    missing,
    await call("POST", "/functions/deploy?slug=a", upload(withMap, ENTRY)),
    await call("POST", "/functions/deploy?slug=a", upload({}, ENTRY)),
    await call("POST", "/functions/deploy?slug=_shared", upload(METADATA, ENTRY)),
  ];
  assertEquals(refused.map(({ status }) => status), [400, 400, 400, 400]);
  assertEquals(api.functions().size, 0);
});

test("keeps secrets, returns their digests, and refuses reserved names and long values", async (call, api) => {
  assertEquals((await call("POST", "/secrets", [{ name: "A", value: "bar" }])).status, 201);
  const listed = JSON.parse((await call("GET", "/secrets")).body);
  assertEquals(listed, [{ name: "A", value: "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9" }]);
  const refused = [{ name: "SUPABASE_URL", value: "x" }, { name: "B", value: "x".repeat(48 * 1024 + 1) }, {
    name: "C",
  }];
  for (const secret of refused) assertEquals((await call("POST", "/secrets", [secret])).status, 400);
  assertEquals([...api.secrets()], [["A", "bar"]]);
  assertEquals((await call("DELETE", "/secrets", ["A"])).status, 200);
  assertEquals(api.secrets().size, 0);
});
