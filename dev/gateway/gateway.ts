/**
 * The platform's front door: `/rest/v1/…` is the Data API, `/functions/v1/<name>/…` a function, as `config.toml`
 * says. What the platform does not have: `/docs` describes the functions, and `/` is a page that uses them.
 *
 * @module
 */
import type { FunctionConfig } from "../../project/project.ts";
import type { Database } from "../../project/database/connection.ts";
import { type ReadCaller, serveApiDocs } from "./api_docs.ts";
import type { DataApi, ProjectKeys } from "./data_api.ts";
import { PackageError } from "../npm_files.ts";
import type { Demo } from "./demo.ts";
import { isOwnPage } from "./own_page.ts";
import { serveTables } from "./tables.ts";
import type { Workers } from "./workers.ts";

/** What the gateway takes. */
export interface GatewayOptions {
  /** The project's URL. */
  url: string;
  /** Runs a query that cannot write. */
  read: Database["read"];
  /** Who calls in the API viewer. */
  readCaller: ReadCaller;
  dataApi: DataApi;
  workers: Pick<Workers, "fetch">;
  functions: ReadonlyMap<string, FunctionConfig>;
  keys: ProjectKeys;
  demo: Demo;
}

/**
 * Makes the gateway.
 *
 * @param options What is behind it.
 * @returns Its handler.
 */
export function createGateway(options: GatewayOptions) {
  const { dataApi, workers, functions, keys } = options;
  return async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (url.pathname.startsWith("/rest/v1/")) return await dataApi(request);
    const page = await answerOwnPage(options, request, url).catch(explainPackage);
    if (page) return page;
    const [, name = "", rest = ""] = /^\/functions\/v1\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
    const called = functions.get(name);
    if (!called) return refuse(404, "NOT_FOUND", "Requested function was not found");
    if (!METHODS.includes(request.method)) {
      return refuse(405, "METHOD_NOT_ALLOWED", "The platform takes no such method");
    }
    if (called.verifyJwt && request.method !== "OPTIONS" && !hasProjectKey(request, keys)) {
      return refuse(401, "UNAUTHORIZED_JWT", "Invalid JWT: verify_jwt accepts tokens of Supabase Auth only");
    }
    return withoutPages(request, await workers.fetch(name, behindGateway(request, url, name + rest)));
  };
}

/** What the platform does not have: the pages of the stack, and what only they may read. */
async function answerOwnPage(
  { url, read, readCaller, demo }: GatewayOptions,
  request: Request,
  { pathname, searchParams }: URL,
): Promise<Response | undefined> {
  const isOwn = isOwnPage(request, url);
  if (/^\/docs(\/|$)/.test(pathname)) return await serveApiDocs(pathname, isOwn ? readCaller : undefined);
  if (request.method !== "GET") return undefined;
  if (pathname !== "/tables.json") return await demo(pathname);
  return isOwn ? await serveTables(read, searchParams) : refuse(403, "FORBIDDEN", "Only pages of this stack may ask");
}

/** Without a network, a page's script says why it is missing. */
function explainPackage(error: unknown): Response {
  if (!(error instanceof PackageError)) throw error;
  return new Response(error.message, { status: 502, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** The methods that the platform lets through. */
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** The hosted platform serves no pages from its own domain. */
function withoutPages(request: Request, response: Response): Response {
  if (request.method !== "GET" || !response.headers.get("content-type")?.startsWith("text/html")) return response;
  const headers = new Headers(response.headers);
  headers.set("content-type", "text/plain");
  return new Response(response.body, { status: response.status, headers });
}

/** The platform strips its prefix: the function named `profile` sees `/profile`. */
function behindGateway(request: Request, url: URL, path: string): Request {
  const headers = new Headers(request.headers);
  headers.set("x-forwarded-host", url.hostname);
  headers.set("x-forwarded-port", url.port);
  headers.set("x-forwarded-proto", "http");
  return new Request(new URL(`/${path}${url.search}`, url), { method: request.method, headers, body: request.body });
}

/**
 * With `verify_jwt` the hosted gateway takes tokens that Supabase signed, or a project key alone: never Clerk's.
 */
function hasProjectKey(request: Request, keys: ProjectKeys): boolean {
  const key = request.headers.get("apikey");
  return !request.headers.has("authorization") && (key === keys.publishable || key === keys.secret);
}

/** An answer of the platform's own. */
function refuse(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status, headers: { "sb-error-code": code } });
}
