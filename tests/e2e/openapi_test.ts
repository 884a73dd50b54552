/** `openapi` and its viewer by HTTP, and a comparison of the document's methods with those of the entry points. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readProject } from "../../project/project.ts";
import { DOCUMENT } from "../helpers/stack/openapi.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { startTestStack } from "../helpers/stack/stack.ts";

const stack = await startTestStack({
  "openapi-alone": { of: "openapi", variables: { SUPABASE_URL: undefined, CLERK_PUBLISHABLE_KEY: undefined } },
  "bad-origins": { of: "openapi", variables: { CORS_ALLOWED_ORIGINS: "https://*.example.com" } },
});

const test = testsOf("");

test("openapi serves the document without any configuration", async () => {
  for (const name of ["openapi", "openapi-alone"]) {
    const response = await stack.call(name, { headers: { origin: "https://editor.example.com" } });
    assertEquals(response.headers.get("access-control-allow-origin"), "*");
    assertEquals(await response.json(), JSON.parse(JSON.stringify(DOCUMENT)));
  }
  await assertProblem(await stack.call("bad-origins"), 500, "CONFIG_INVALID");
});

test("every function supports exactly the methods in the OpenAPI document", async () => {
  const answered: Record<string, string[]> = {};
  for (const [path, methods] of Object.entries(DOCUMENT.paths)) {
    // A method that the platform allows and this path does not support.
    const method = ["PATCH", "PUT"].find((name) => !Object.hasOwn(methods, name.toLowerCase()))!;
    const response = await stack.call(path.slice(1).replace("{id}", crypto.randomUUID()), { method });
    const allow = response.headers.get("allow") ?? "";
    await assertProblem(response, 405, "METHOD_NOT_ALLOWED");
    answered[path] = allow.split(", ").filter((method) => method !== "OPTIONS").sort();
  }
  const documented = Object.entries(DOCUMENT.paths).map(([path, methods]): [string, string[]] => [
    path,
    Object.keys(methods).map((method) => method.toUpperCase()).sort(),
  ]);
  assertEquals(answered, Object.fromEntries(documented));
  for (const name of (await readProject()).functions.keys()) assert(`/${name}` in answered, name);
});

test("/docs shows the document using only files of this machine", async () => {
  const page = await fetch(`${stack.url}/docs`);
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  const html = await page.text();
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
  assertEquals(addresses.length, 4);
  for (const address of addresses) {
    const file = await fetch(new URL(address, stack.url));
    const size = (await file.arrayBuffer()).byteLength;
    assert(file.ok && size > 0 && new URL(file.url).origin === stack.url, address);
    assertEquals(file.headers.get("x-content-type-options"), "nosniff");
  }
  assertStringIncludes(await (await fetch(`${stack.url}/docs/start.js`)).text(), '"/functions/v1/openapi"');
});

test("/docs forbids its page to load or run anything from elsewhere", async () => {
  const page = await fetch(`${stack.url}/docs/`);
  await page.body?.cancel();
  const policy = page.headers.get("content-security-policy")!;
  assertStringIncludes(policy, "default-src 'none'; script-src 'self';");
  assertEquals(/https?:|\*|unsafe-eval/.test(policy), false, policy);
});

test("/docs serves no other file of the machine", async () => {
  for (
    const name of ["package.json", "index.html", "..%2Fpackage.json", "%2e%2e/deno.json", "__proto__", "x/start.js"]
  ) {
    const response = await fetch(`${stack.url}/docs/${name}`);
    await response.body?.cancel();
    assertEquals(response.status, 404, name);
  }
});

test("the stack stops", () => stack.stop());
