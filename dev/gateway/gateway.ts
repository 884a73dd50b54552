/**
 * The platform's front door: routes `/rest/v1/…` to the Data API and `/functions/v1/<name>/…` to a function, as
 * configured in `config.toml`. The local stack adds `/docs`, which describes the functions, and `/`, which uses them.
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
import { leaksSecretKey } from "./secret_key.ts";
import { serveTables } from "./tables.ts";
import type { Workers } from "./workers.ts";

/** Dependencies of the gateway. */
export interface GatewayOptions {
  /** The project's URL. */
  url: string;
  /** Runs a read-only query. */
  read: Database["read"];
  /** Returns the user as whom the API viewer calls functions. */
  readCaller: ReadCaller;
  dataApi: DataApi;
  workers: Pick<Workers, "fetch">;
  functions: ReadonlyMap<string, FunctionConfig>;
  keys: ProjectKeys;
  demo: Demo;
}

/**
 * Returns the handler of the project's URL.
 *
 * @param options The services that it forwards to.
 * @returns The handler.
 */
export function createGateway(options: GatewayOptions) {
  const { dataApi, workers, functions, keys } = options;
  return async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (leaksSecretKey(request, keys, options.url)) {
      return refuse(401, "UNAUTHORIZED_SECRET_KEY", "A page of another site must not use the secret key");
    }
    if (url.pathname.startsWith("/rest/v1/")) return await dataApi(request);
    const page = await answerOwnPage(options, request, url).catch(explainPackage);
    if (page) return request.method === "HEAD" ? new Response(null, page) : page;
    const [, name = "", rest = ""] = /^\/functions\/v1\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
    const called = functions.get(name);
    if (!called) return refuse(404, "NOT_FOUND", "Requested function was not found");
    if (!METHODS.includes(request.method)) {
      return refuse(405, "METHOD_NOT_ALLOWED", "The platform does not accept this method");
    }
    if (called.verifyJwt && request.method !== "OPTIONS" && !hasProjectKey(request, keys)) {
      const fault = request.headers.has("authorization") ? "Invalid JWT" : "Missing authorization header";
      return refuse(401, "UNAUTHORIZED_JWT", `${fault}: verify_jwt accepts tokens of Supabase Auth only`);
    }
    return withoutPages(request, await workers.fetch(name, behindGateway(request, url, name + rest)));
  };
}

/** Answers the paths that the platform does not have: the stack's pages, and data that only these pages may read. */
async function answerOwnPage(
  { url, read, readCaller, demo }: GatewayOptions,
  request: Request,
  { pathname, searchParams }: URL,
): Promise<Response | undefined> {
  const isOwn = isOwnPage(request, url);
  if (/^\/docs(\/|$)/.test(pathname)) return await serveApiDocs(pathname, isOwn ? readCaller : undefined);
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  if (pathname !== "/tables.json") return await demo(pathname);
  return isOwn
    ? await serveTables(read, searchParams)
    : refuse(403, "FORBIDDEN", "Only pages of this stack may read this");
}

/** If a package cannot be fetched, the script's response says why. */
function explainPackage(error: unknown): Response {
  if (!(error instanceof PackageError)) throw error;
  return new Response(error.message, { status: 502, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** The methods that the platform accepts. */
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** The hosted platform does not serve HTML from its own domain. */
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
 * With `verify_jwt`, the hosted gateway accepts only tokens signed by Supabase or a project key, never Clerk's tokens.
 */
function hasProjectKey(request: Request, keys: ProjectKeys): boolean {
  const key = request.headers.get("apikey");
  return !request.headers.has("authorization") && (key === keys.publishable || key === keys.secret);
}

/** Returns an error in the platform's format. */
function refuse(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status, headers: { "sb-error-code": code } });
}
