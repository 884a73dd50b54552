/**
 * Creates the OpenAPI document from the descriptions of the functions.
 *
 * @module
 */
import type { AnswerDescription, FunctionDescription, Operation } from "../_clerk-supabase/openapi/describe.ts";
import { SECURITY_SCHEMES } from "../_clerk-supabase/openapi/security.ts";
import { VERSION } from "../_clerk-supabase/version.ts";
import { PROBLEM, problemResponses, REQUEST_ID } from "./problems.ts";
import type { OpenApiDocument, OperationObject, ResponseObject } from "./types.ts";

const DESCRIPTION =
  `Clerk's users in Supabase: Edge Functions that keep \`public.users\` in sync and answer signed-in callers.

Every error is a problem document (RFC 9457); program against its \`code\`. For a 4xx, the caller must change the
request. For a 500, the project's configuration must be fixed. A 503 is temporary: retry later. A method that is not
listed returns 405 \`METHOD_NOT_ALLOWED\` with \`Allow\`. Functions for browsers answer preflights and send CORS
headers.`;

/**
 * Creates the document.
 *
 * @param functions The descriptions of the functions.
 * @returns The document.
 */
export function createDocument(functions: readonly FunctionDescription[]): OpenApiDocument {
  return {
    openapi: "3.1.1",
    info: {
      title: "Clerk users in Supabase",
      version: VERSION,
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    // Relative to the document's own address. The host of a request could be forged, and under `functions serve`
    // SUPABASE_URL is a name that only the containers know.
    servers: [{ url: "/functions/v1", description: "This project" }],
    tags: functions.map(({ name, description }) => ({ name, description })),
    paths: Object.fromEntries(functions.flatMap(pathsOf)),
    components: {
      schemas: Object.fromEntries([
        ...functions.flatMap(({ schemas }) => Object.entries(schemas)),
        ["Problem", PROBLEM],
      ]),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function pathsOf({ name, paths }: FunctionDescription): Array<[string, Record<string, OperationObject>]> {
  return Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(Object.entries(methods).map(([method, operation]) => [method, describe(name, operation)])),
  ]);
}

function describe(tag: string, operation: Operation): OperationObject {
  const { operationId, summary, description, security, parameters = [], body, answers } = operation;
  return {
    tags: [tag],
    operationId,
    summary,
    description,
    security,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        description: body.description,
        required: body.required ?? true,
        content: { "application/json": { schema: body.schema, example: body.example } },
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer)])),
      ...problemResponses(operation),
    },
  };
}

function response({ description, schema, example }: AnswerDescription): ResponseObject {
  return {
    description,
    headers: { "x-request-id": REQUEST_ID },
    ...(schema && {
      content: { "application/json": { schema, ...(example !== undefined && { example }) } },
    }),
  };
}
