import { assertEquals } from "@std/assert";
import { readProfileConfig } from "../../../../supabase/functions/_clerk-supabase/config.ts";
import { handle } from "../../../../supabase/functions/_clerk-supabase/http/handle.ts";
import { jsonResponse } from "../../../../supabase/functions/_clerk-supabase/http/problem.ts";
import { serveWith } from "../../../../supabase/functions/_clerk-supabase/http/serve.ts";
import { createPlatform, envOf } from "../../../helpers/stack/platform.ts";
import { assertProblem } from "../../../helpers/stack/problem.ts";

const PAGE = { name: "page", browser: true };
const request = (method = "GET") =>
  new Request("http://localhost/page", { method, headers: { origin: "https://a.example" } });

Deno.test("serveWith() reads variables and creates the handler once, at the first request", async () => {
  const read: string[] = [];
  let made = 0;
  const env = (name: string) => {
    read.push(name);
    return undefined;
  };
  const entry = serveWith(PAGE, () => ({}), (_, platform) => {
    made++;
    return handle(PAGE, platform, { GET: () => Promise.resolve(jsonResponse({})) });
  }, { ...createPlatform(), env });
  assertEquals([read, made], [[], 0]);
  await entry.fetch(request());
  await entry.fetch(request());
  assertEquals([read, made], [["CORS_ALLOWED_ORIGINS"], 1]);
});

Deno.test("serveWith() answers every request with the configuration error as a problem document", async () => {
  const env = envOf({ CORS_ALLOWED_ORIGINS: "https://a.example" });
  const platform = createPlatform();
  const entry = serveWith(PAGE, readProfileConfig, () => {
    throw new Error("must not run");
  }, { ...platform, env });
  for (const method of ["GET", "POST"]) {
    const response = await entry.fetch(request(method));
    assertEquals(response.headers.get("access-control-allow-origin"), "https://a.example");
    assertEquals((await response.clone().json()).detail, "Cannot start: CLERK_PUBLISHABLE_KEY is not set");
    await assertProblem(response, 500, "CONFIG_MISSING");
  }
  assertEquals((await entry.fetch(request("OPTIONS"))).status, 204);
  assertEquals(platform.entries.map(({ outcome }) => outcome), ["CONFIG_MISSING", "CONFIG_MISSING", "ok"]);
});
