/**
 * Describes the error responses of an operation, from its error codes.
 *
 * @module
 */
import { type ErrorCode, ERRORS, RETRY_AFTER_SECONDS } from "../_clerk-supabase/errors.ts";
import type { ProblemDocument } from "../_clerk-supabase/http/problem.ts";
import { closedObject, type Operation, ref, type Schema } from "../_clerk-supabase/openapi/describe.ts";
import type { HeaderObject, ResponseObject } from "./types.ts";

/** The schema of every error's body. */
export const PROBLEM: Schema = {
  ...closedObject<ProblemDocument>({
    type: { type: "string", format: "uri", description: "A URN with the code. It cannot be opened." },
    title: { type: "string", description: "The same for every occurrence." },
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string", description: "For people; it may change." },
    code: { type: "string", description: "The stable name to program against." },
    request_id: {
      type: "string",
      description: "Also in the header `x-request-id` and in the function's log line.",
    },
    field: { type: "string", description: "The invalid field of the request." },
  }, ["field"]),
  description: "An error (RFC 9457).",
};

/** The header of every response. */
export const REQUEST_ID: HeaderObject = {
  description: "The request's own `x-request-id` if it is valid, otherwise a new one.",
  required: true,
  schema: { type: "string", pattern: "^[\\w-]{1,128}$" },
};

const RETRY_AFTER_HEADER = { description: "Seconds to wait.", schema: { type: "string", pattern: "^\\d+$" } };
const CHALLENGE = { description: "The expected scheme: `Bearer`.", schema: { type: "string" } };

/**
 * Describes the error responses of an operation.
 *
 * @param operation The operation with its error codes.
 * @returns The responses by status.
 */
export function problemResponses({ errors, errorHeaders = {} }: Operation): Record<string, ResponseObject> {
  const statuses = [...new Set(errors.map((code) => ERRORS[code][0]))].sort();
  return Object.fromEntries(statuses.map((status) => {
    const codes = errors.filter((code) => ERRORS[code][0] === status);
    const more = Object.entries(errorHeaders).filter(([, header]) => header.statuses.includes(status));
    return [status, {
      description: codes.map((code) => `\`${code}\`: ${ERRORS[code][1]}`).join("  \n"),
      headers: {
        ...headersOf(status, codes),
        ...Object.fromEntries(more.map(([name, { description }]) => [name, optional({ description })])),
      },
      content: {
        "application/problem+json": {
          schema: { allOf: [ref("Problem"), { properties: { status: { const: status }, code: { enum: codes } } }] },
        },
      },
    }];
  }));
}

function headersOf(status: number, codes: readonly ErrorCode[]): Record<string, HeaderObject> {
  const passing = codes.filter((code) => code in RETRY_AFTER_SECONDS);
  const challenged = codes.filter((code) => status === 401 && code.startsWith("TOKEN_"));
  return {
    "x-request-id": REQUEST_ID,
    ...(passing.length > 0 && { "retry-after": { ...RETRY_AFTER_HEADER, required: passing.length === codes.length } }),
    ...(challenged.length > 0 && {
      "www-authenticate": { ...CHALLENGE, required: challenged.length === codes.length },
    }),
  };
}

function optional({ description }: { description: string }): HeaderObject {
  return { description, required: false, schema: { type: "string" } };
}
