/**
 * The part of Supabase's management API that deploying needs, recorded from the real CLI: it keeps what is uploaded
 * and what is asked, on 127.0.0.1, and refuses what the platform refuses. What the platform does with an upload, it
 * does not do: nothing is bundled and nothing runs.
 *
 * @module
 */
import { listen } from "../../project/listen.ts";
import { parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { createFunctionRoutes, type DeployedFunction } from "./function_routes.ts";
import { type ApiRequest, refusal, type Routes } from "./routes.ts";
import { createSecretRoutes } from "./secret_routes.ts";

/** The one project of this API. */
export const PROJECT_REF = "abcdefghijklmnopqrst";

/** A running API, with one project and nothing deployed. */
export interface ManagementApi {
  url: string;
  /** The one token it accepts, in the form that the CLI demands. */
  accessToken: string;
  /** The file for `--profile` or `SUPABASE_PROFILE`, which leads the CLI here. */
  profile: string;
  /** Every request, in order. */
  requests: RecordedRequest[];
  /** What is deployed, by name. An upload that was never activated is not. */
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
  /** The JSON that was sent; undefined for an upload, which `functions` has. */
  body?: unknown;
  /** What was answered. */
  status: number;
}

/** How an API differs from the usual. */
export interface ManagementApiOptions {
  /** The project cannot be looked up, as by a token without that right. The CLI notes in its folder what it sees. */
  unseen?: boolean;
}

/** Starts an API of its own. */
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

/** Four keys are required; the host is where the project's own API would be, and nobody calls it. */
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
