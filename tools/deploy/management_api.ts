/**
 * Imitates the part of Supabase's management API that deployments need, as recorded from the real CLI. It listens on
 * 127.0.0.1, keeps uploads and requests, and refuses what the platform refuses. It neither bundles nor runs functions.
 *
 * @module
 */
import { listen } from "../../project/listen.ts";
import { parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { createFunctionRoutes, type DeployedFunction } from "./function_routes.ts";
import { type ApiRequest, refusal, type Routes } from "./routes.ts";
import { createSecretRoutes } from "./secret_routes.ts";

/** The only project of this API. */
export const PROJECT_REF = "abcdefghijklmnopqrst";

/** A running API, with one project and nothing deployed. */
export interface ManagementApi {
  url: string;
  /** The only accepted token, in the form that the CLI requires. */
  accessToken: string;
  /** The file for `--profile` or `SUPABASE_PROFILE` that makes the CLI use this API. */
  profile: string;
  /** Every request, in order. */
  requests: RecordedRequest[];
  /** The deployed functions by name; uploads that were never activated are missing. */
  functions: () => Map<string, DeployedFunction>;
  /** The project's secrets, by name. */
  secrets: () => Map<string, string>;
  close: () => Promise<void>;
}

/** A request, without its token. */
export interface RecordedRequest {
  method: string;
  /** Path and query. */
  path: string;
  /** The JSON body; undefined for an upload, which is in `functions`. */
  body?: unknown;
  /** The status of the answer. */
  status: number;
}

/** Options of a recorded API. */
export interface ManagementApiOptions {
  /**
   * Whether looking up the project fails, as with a token without that right. The CLI caches the result in its folder.
   */
  unseen?: boolean;
}

/** Starts a new API. */
export function startManagementApi({ unseen = false }: ManagementApiOptions = {}): ManagementApi {
  const accessToken = `sbp_${crypto.randomUUID().replaceAll("-", "")}${"0".repeat(8)}`;
  const requests: RecordedRequest[] = [];
  const functions = createFunctionRoutes();
  const secrets = createSecretRoutes();
  const { url, serve, close } = listen(0);
  serve(async (request) => {
    const { pathname, search } = new URL(request.url);
    const read = await readRequest(request);
    const allowed = request.headers.get("authorization") === `Bearer ${accessToken}`;
    const response = allowed
      ? await answer(pathname, read, [...unseen ? [] : [projectRoutes], functions.routes, secrets.routes])
      : refusal(401, "Unauthorized");
    const body = read.json === undefined ? {} : { body: read.json };
    requests.push({ method: request.method, path: pathname + search, ...body, status: response.status });
    return response;
  });
  return {
    url,
    accessToken,
    profile: profileOf(url),
    requests,
    functions: functions.deployed,
    secrets: secrets.all,
    close,
  };
}

/** Returns a profile with the four required keys; the host of the project's own API is never called. */
function profileOf(url: string): string {
  return `name: recorded\napi_url: ${url}\ndashboard_url: ${url}/dashboard\nproject_host: project.localhost\n`;
}

async function readRequest(request: Request): Promise<ApiRequest> {
  const { pathname, searchParams } = new URL(request.url);
  const upload = request.headers.get("content-type")?.startsWith("multipart/form-data") ?? false;
  const text = upload ? "" : await request.text();
  return {
    method: request.method,
    route: pathname.split("/").slice(4).join("/"),
    query: searchParams,
    json: parseJson(text),
    form: upload ? await request.formData() : undefined,
  };
}

async function answer(path: string, request: ApiRequest, routes: readonly Routes[]): Promise<Response> {
  if (request.method === "GET" && path === "/v1/projects") return Response.json([PROJECT]);
  if (!`${path}/`.startsWith(`/v1/projects/${PROJECT_REF}/`)) return refusal(404, "Project not found");
  for (const answers of routes) {
    const response = await answers(request);
    if (response) return response;
  }
  return refusal(404, `Cannot ${request.method} ${path}`);
}

const projectRoutes: Routes = ({ method, route }) =>
  method === "GET" && route === "" ? Response.json(PROJECT) : undefined;

const PROJECT = {
  id: PROJECT_REF,
  ref: PROJECT_REF,
  organization_id: "recorded",
  organization_slug: "recorded",
  name: "Recorded project",
  region: "eu-central-1",
  created_at: "2026-01-01T00:00:00Z",
  status: "ACTIVE_HEALTHY",
  database: {
    host: "db.project.localhost",
    version: "17.6.1.001",
    postgres_engine: "17",
    release_channel: "ga",
  },
};
