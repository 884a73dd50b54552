/**
 * Checks responses against the OpenAPI document.
 *
 * @module
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Handler } from "../../../supabase/functions/_clerk-supabase/http/handle.ts";
import { createDocument } from "../../../supabase/functions/openapi/document.ts";
import * as descriptions from "../../../supabase/functions/openapi/functions.ts";
import type { OpenApiDocument, ResponseObject } from "../../../supabase/functions/openapi/types.ts";

/** The OpenAPI document of this project's functions. */
export const DOCUMENT: OpenApiDocument = createDocument(Object.values(descriptions));

/** The gateway's codes if no function responds. On the hosted platform, the platform sends them. */
const GATEWAY_CODES = ["NOT_FOUND", "BOOT_ERROR", "UNAUTHORIZED_JWT"];

/** Thrown if a response does not conform to the document. */
export class NonconformingError extends Error {
  override name = "NonconformingError";
}

/**
 * Checks that a response's status, headers, content type and body are documented.
 *
 * @param document The document.
 * @param method The request's method.
 * @param path The function's name and the rest of the path, such as `/resumes/7`.
 * @param response The response. The body is read from a copy.
 * @throws {NonconformingError} If the response differs from the document.
 */
export async function conforms(
  document: OpenApiDocument,
  method: string,
  path: string,
  response: Response,
): Promise<void> {
  const text = await response.clone().text();
  const template = templateOf(document, path);
  if (template === undefined) throw new NonconformingError(`${path} is not in the document`);
  const fault = htmlFault(response) ??
    (method === "OPTIONS" && response.status === 204
      ? preflightFault(document, template, response)
      : answerFault(document, method, template, response, text));
  if (fault !== undefined) {
    throw new NonconformingError(`${method} ${path}: ${response.status} ${text.slice(0, 500)}: ${fault}`);
  }
}

/**
 * Wraps a handler so that it checks its own responses, for unit tests.
 *
 * @param handler A function's handler.
 * @returns The handler, which rejects if a response is not documented.
 */
export function conforming(handler: Handler): Handler {
  return async (request) => {
    const response = await handler(request);
    await conforms(DOCUMENT, request.method, new URL(request.url).pathname, response);
    return response;
  };
}

/**
 * Returns a fetch that checks the responses of functions.
 *
 * @param url The project's URL.
 * @param original Returns the documented name of a function, or undefined to skip the check.
 * @returns The fetch, which rejects if a response is not documented.
 */
export function checkedFetch(url: string, original: (name: string) => string | undefined): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const response = await fetch(request);
    const [, name = "", rest = ""] = /^\/functions\/v1\/([^/]+)(.*)$/.exec(new URL(request.url).pathname) ?? [];
    const known = request.url.startsWith(url) ? original(name) : undefined;
    if (known !== undefined && !await isOfGateway(response)) {
      await conforms(DOCUMENT, request.method, `/${known}${rest}`, response);
    }
    return response;
  };
}

function templateOf({ paths }: OpenApiDocument, path: string): string | undefined {
  const matches = (template: string) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, ".+")}$`).test(path);
  return Object.keys(paths).find(matches);
}

function methodsOf({ paths }: OpenApiDocument, template: string): string[] {
  return Object.keys(paths[template]!).map((method) => method.toUpperCase());
}

/** The platform turns HTML into text/plain, so no response may use it, not even one whose type is not documented. */
function htmlFault({ headers }: Response): string | undefined {
  return /^text\/html\b/i.test(headers.get("content-type") ?? "")
    ? "no function may respond with text/html"
    : undefined;
}

function preflightFault(document: OpenApiDocument, template: string, { headers }: Response): string | undefined {
  return methodsFault(document, template, headers.get("access-control-allow-methods"));
}

function methodsFault(document: OpenApiDocument, template: string, allow: string | null): string | undefined {
  const allowed = (allow ?? "").split(", ").filter((method) => method !== "OPTIONS").sort().join();
  const documented = methodsOf(document, template).sort().join();
  return allowed === documented ? undefined : `it allows ${allowed}, the document has ${documented}`;
}

function answerFault(
  document: OpenApiDocument,
  method: string,
  template: string,
  response: Response,
  text: string,
): string | undefined {
  if (!methodsOf(document, template).includes(method)) {
    if (response.status !== 405) return "the document does not have the method";
    return methodsFault(document, template, response.headers.get("allow")) ??
      valueFault(document, ["components", "schemas", "Problem"], JSON.parse(text));
  }
  const pointer = ["paths", template, method.toLowerCase(), "responses", String(response.status)];
  const documented = document.paths[template]![method.toLowerCase()]!.responses[response.status];
  if (!documented) return "the document does not have the status";
  return headerFault(documented, response) ?? contentFault(document, pointer, documented, response, text);
}

function headerFault({ headers }: ResponseObject, response: Response): string | undefined {
  const missing = Object.entries(headers).find(([name, { required }]) => required && !response.headers.has(name));
  return missing && `it lacks the header ${missing[0]}`;
}

function contentFault(
  document: OpenApiDocument,
  pointer: string[],
  { content }: ResponseObject,
  response: Response,
  text: string,
): string | undefined {
  if (!content) return text === "" ? undefined : "it has a body";
  const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
  if (!content[type]) return `the document does not have the content type ${type}`;
  return valueFault(document, [...pointer, "content", type, "schema"], JSON.parse(text));
}

/**
 * Compares a value with a schema.
 *
 * @param document The document.
 * @param pointer The path of the schema in the document.
 * @param value The parsed JSON.
 * @returns The fault, or undefined if the value conforms.
 */
export function valueFault(document: OpenApiDocument, pointer: string[], value: unknown): string | undefined {
  const ajv = validatorOf(document);
  // The validator compiles a schema at first use and keeps it.
  const validate = ajv.getSchema(`document${toFragment(pointer)}`);
  if (!validate) throw new TypeError(`Cannot compare: the document has no schema at ${pointer.join("/")}`);
  return validate(value) ? undefined : ajv.errorsText(validate.errors);
}

function toFragment(pointer: string[]): string {
  return "#/" +
    pointer.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
}

const validators = new WeakMap<OpenApiDocument, Ajv2020>();

function validatorOf(document: OpenApiDocument): Ajv2020 {
  const known = validators.get(document);
  if (known) return known;
  // The document uses union types and narrowed references on purpose.
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTypes: false, allErrors: true });
  addFormats.default(ajv);
  // The document itself is not a schema; it contains schemas at these places.
  ajv.addVocabulary(Object.keys(document));
  ajv.addSchema(document, "document");
  validators.set(document, ajv);
  return ajv;
}

/** Returns whether the gateway sent a response. The bundle's own errors are problem documents. */
async function isOfGateway(response: Response): Promise<boolean> {
  if (response.ok || response.headers.has("x-request-id")) return false;
  if (response.headers.get("content-type") !== "application/json") return false;
  const body = await response.clone().json();
  return GATEWAY_CODES.includes(body.code) && Object.keys(body).join() === "code,message";
}
