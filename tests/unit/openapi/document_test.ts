import { assert, assertEquals } from "@std/assert";
import { ERRORS } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import type { Schema } from "../../../supabase/functions/_clerk-supabase/openapi/describe.ts";
import { createDocument } from "../../../supabase/functions/openapi/document.ts";
import * as descriptions from "../../../supabase/functions/openapi/functions.ts";
import type { OperationObject } from "../../../supabase/functions/openapi/types.ts";

const functions = Object.values(descriptions);
const document = createDocument(functions);
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

/** Codes that no operation returns, with the reasons. */
const UNLISTED: Record<string, string> = {
  METHOD_NOT_ALLOWED: "answered for the methods that the document does not have",
  TYPE_UNKNOWN: "the mapping sends known types only",
  DELETE_MODE_INVALID: "the configuration has been checked before",
  PERMISSION_MISSING: "for functions of the project's own: ours ask for a role at most",
};

/** Returns an operation's codes in the document, by status. */
function codesOf({ responses }: OperationObject): Array<[status: string, code: string]> {
  return Object.entries(responses).flatMap(([status, { content }]) => {
    const schema = content?.["application/problem+json"]?.schema as
      | { allOf: [unknown, { properties: { code: { enum: string[] } } }] }
      | undefined;
    return (schema?.allOf[1].properties.code.enum ?? []).map((code): [string, string] => [status, code]);
  });
}

Deno.test("createDocument() lists every error code with its status, except for documented exceptions", () => {
  const listed = operations.flatMap(codesOf);
  for (const [status, code] of listed) assertEquals(ERRORS[code as keyof typeof ERRORS]?.[0], Number(status), code);
  const named = [...new Set([...listed.map(([, code]) => code), ...Object.keys(UNLISTED)])];
  assertEquals(named.sort(), Object.keys(ERRORS).sort());
  for (const code of Object.keys(UNLISTED)) assertEquals(listed.some(([, other]) => other === code), false, code);
});

Deno.test("createDocument() gives every operation a unique name, texts, a tag and a successful response", () => {
  assertEquals(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  const tags = document.tags.map(({ name }) => name);
  for (const operation of operations) {
    assert(tags.includes((operation.tags as string[])[0]!), operation.operationId);
    for (const text of ["summary", "description"]) assert(operation[text], operation.operationId);
    assert(Array.isArray(operation.security) && operation.security.length > 0, operation.operationId);
    assert(Object.keys(operation.responses).some((status) => status < "300"), operation.operationId);
  }
});

Deno.test("createDocument() has a unique name for every schema, so that a copied function replaces none", () => {
  const names = functions.flatMap(({ schemas }) => Object.keys(schemas));
  assertEquals(names.toSorted(), [...new Set(names)].sort());
});

/** Schemas of objects with any properties. */
function openObjects(name: string, schema: Schema): string[] {
  const below = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const found = below.flatMap(([key, property]) => openObjects(`${name}.${key}`, property));
  return [schema.type].flat().includes("object") && schema.additionalProperties !== false ? [name, ...found] : found;
}

Deno.test("createDocument() closes every response object, so that a test notices new fields", () => {
  const open = Object.entries(document.components.schemas).flatMap(([name, schema]) => openObjects(name, schema));
  assertEquals(open.sort(), [
    "ClerkEvent",
    "ClerkEvent.data",
    "OpenApiDocument.components",
    "OpenApiDocument.info",
    "OpenApiDocument.paths",
    "OwnOrganization.metadata",
    "Profile.metadata",
  ]);
});

Deno.test("createDocument() names no host, because a request's host can be forged", () => {
  assertEquals(document.servers.map(({ url }) => url), ["/functions/v1"]);
});

Deno.test("createDocument() works without the example functions", () => {
  const bundle = createDocument(functions.filter(({ name }) => !["hello", "resumes", "projects"].includes(name)));
  assertEquals(
    /hello"|getHello|HelloAnswer|resume|projects"|getProject|ProjectInput/i.test(JSON.stringify(bundle)),
    false,
  );
});

Deno.test("createDocument() lists the headers of each error response", () => {
  const { responses } = document.paths["/profile"]!.get!;
  const headersOf = (status: number) =>
    Object.entries(responses[status]!.headers).map(([name, { required }]) => required ? name : `${name}?`);
  assertEquals(headersOf(401), ["x-request-id", "www-authenticate"]);
  assertEquals(headersOf(404), ["x-request-id", "retry-after?"]);
  assertEquals(headersOf(500), ["x-request-id"]);
  assertEquals(headersOf(503), ["x-request-id", "retry-after"]);
});
