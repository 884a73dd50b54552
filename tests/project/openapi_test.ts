/** The OpenAPI document is valid and complete, and the tests reject a response that it does not describe. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { validate } from "@readme/openapi-parser";
import { readProject } from "../../project/project.ts";
import { configArguments } from "../../project/jsr/config.ts";
import type { OpenApiDocument } from "../../supabase/functions/openapi/types.ts";
import { checkedFetch, conforms, DOCUMENT, NonconformingError, valueFault } from "../helpers/stack/openapi.ts";

const JSON_TYPE = "application/json";

type Validated = Parameters<typeof validate>[0];

/** Validates a copy, since the validator resolves references in place. */
async function faultsOf(document: OpenApiDocument): Promise<string[]> {
  const result = await validate(structuredClone(document) as unknown as Validated);
  return result.valid ? [] : result.errors.map(({ message }) => message);
}

Deno.test("the OpenAPI document is valid", async () => {
  assertEquals(await faultsOf(DOCUMENT), []);
  const dangling = structuredClone(DOCUMENT);
  delete dangling.components.schemas.Profile;
  assertStringIncludes((await faultsOf(dangling)).join(), "Profile");
});

Deno.test("the OpenAPI document describes every function, and nothing else", async () => {
  const described = new Set(Object.keys(DOCUMENT.paths).map((path) => path.split("/")[1]!));
  assertEquals([...described].sort(), [...(await readProject()).functions.keys()].sort());
});

Deno.test("every example in the OpenAPI document matches its schema", () => {
  const compare = (pointer: string[], example: unknown) => {
    if (example !== undefined) {
      assertEquals(valueFault(DOCUMENT, [...pointer, JSON_TYPE, "schema"], example), undefined);
    }
  };
  for (const [path, methods] of Object.entries(DOCUMENT.paths)) {
    for (const [method, { requestBody, responses }] of Object.entries(methods)) {
      const operation = ["paths", path, method];
      compare([...operation, "requestBody", "content"], requestBody?.content[JSON_TYPE]?.example);
      for (const [status, { content }] of Object.entries(responses)) {
        compare([...operation, "responses", status, "content"], content?.[JSON_TYPE]?.example);
      }
    }
  }
});

Deno.test("openapi loads no npm package", async () => {
  const entrypoint = new URL("../../supabase/functions/openapi/index.ts", import.meta.url);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-npm", "--no-prompt", ...await configArguments(), entrypoint.href],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
});

/** A response with the headers that every response has. */
function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const all = { "content-type": "application/json", "x-request-id": "request", ...headers };
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers: all });
}

const GREETING = { message: "Hello, guest!", signed_in: false };
const HTML = { "content-type": "Text/HTML; charset=utf-8" };
const CHALLENGE = { "content-type": "application/problem+json", "www-authenticate": "Bearer" };
const problem = (code: string) => ({
  ...{ type: "urn:problem-type:clerk-supabase:x", title: "x", status: 401, detail: "x", code, request_id: "request" },
});

Deno.test("conforms() rejects a response that the OpenAPI document does not describe", async () => {
  const cases: Array<[why: string, method: string, path: string, response: Response]> = [
    ["does not have the status", "GET", "/hello", answer(202, GREETING)],
    ["must have required property 'signed_in'", "GET", "/hello", answer(200, { message: "x" })],
    ["must NOT have additional properties", "GET", "/hello", answer(200, { ...GREETING, email: "ada@example.com" })],
    ["content type text/plain", "GET", "/hello", answer(200, GREETING, { "content-type": "text/plain" })],
    ["text/html", "OPTIONS", "/hello", answer(204, undefined, { ...HTML, "access-control-allow-methods": "GET" })],
    ["text/html", "PUT", "/hello", answer(405, problem("x"), { ...HTML, allow: "GET, OPTIONS" })],
    ["lacks the header www-authenticate", "GET", "/hello", answer(401, problem("TOKEN_EXPIRED"))],
    ["must be equal to one of the allowed values", "GET", "/hello", answer(401, problem("USER_DELETED"), CHALLENGE)],
    ["does not have the method", "POST", "/hello", answer(200, GREETING)],
    ["it allows GET,POST", "PUT", "/hello", answer(405, problem("x"), { allow: "GET, POST, OPTIONS" })],
    ["it has a body", "DELETE", "/resumes/7", answer204WithBody()],
    ["is not in the document", "GET", "/nowhere", answer(200, {})],
  ];
  for (const [why, method, path, response] of cases) {
    const error = await assertRejects(() => conforms(DOCUMENT, method, path, response), NonconformingError);
    assertStringIncludes(error.message, why);
  }
});

/** The constructor of Response rejects a body with this status. */
function answer204WithBody(): Response {
  return Object.defineProperty(answer(200, {}), "status", { value: 204 });
}

Deno.test("checkedFetch() checks the responses of the functions, and no others", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => answer(200, { message: 7 }));
  const url = `http://127.0.0.1:${server.addr.port}`;
  const fetch = checkedFetch(url, (name) => name === "greeting" ? "hello" : undefined);
  const error = await assertRejects(() => fetch(`${url}/functions/v1/greeting`), NonconformingError);
  assertStringIncludes(error.message, "must be string");
  for (const path of ["functions/v1/other", "rest/v1/users"]) {
    assertEquals(await (await fetch(`${url}/${path}`)).json(), { message: 7 });
  }
  await server.shutdown();
});
