/**
 * The management API's routes for uploading, activating, listing and deleting functions.
 *
 * @module
 */
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { type ApiRequest, refusal, type Routes } from "./routes.ts";

/** The last upload of a function. */
export interface DeployedFunction {
  slug: string;
  metadata: Metadata;
  /** Contents by path, relative to the project's folder. */
  files: Map<string, Uint8Array<ArrayBuffer>>;
  /** Whether the gateway checks tokens; the platform's default if the upload does not set it. */
  verifyJwt: boolean;
  version: number;
}

/** The metadata of an upload. */
export interface Metadata {
  entrypoint_path: string;
  /** Empty if there is none. */
  import_map_path?: string;
  verify_jwt?: boolean;
  name?: string;
}

const SLUG = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** Creates the routes, and a view of the deployed functions. */
export function createFunctionRoutes(): { routes: Routes; deployed: () => Map<string, DeployedFunction> } {
  const deployed = new Map<string, DeployedFunction>();
  // The CLI uploads several functions one by one for bundling only, and activates them together.
  const bundled = new Map<string, DeployedFunction>();

  const deploy = async ({ query, form }: ApiRequest): Promise<Response> => {
    const slug = query.get("slug") ?? "";
    const uploaded = await readUpload(slug, form, deployed.get(slug));
    if (uploaded instanceof Response) return uploaded;
    (query.get("bundleOnly") === "true" ? bundled : deployed).set(slug, uploaded);
    return Response.json(described(uploaded), { status: 201 });
  };

  const activate = ({ json }: ApiRequest): Response => {
    const slugs = Array.isArray(json) ? json.map((item) => isObject(item) ? String(item.slug) : "") : [];
    const unknown = slugs.find((slug) => !bundled.has(slug) && !deployed.has(slug));
    if (slugs.length === 0 || unknown !== undefined) return refusal(400, `Function ${unknown} was not uploaded`);
    for (const slug of slugs) {
      deployed.set(slug, bundled.get(slug) ?? deployed.get(slug)!);
      bundled.delete(slug);
    }
    return Response.json({ functions: slugs.map((slug) => described(deployed.get(slug)!)) });
  };

  const routes: Routes = (request) => {
    switch (`${request.method} ${request.route}`) {
      case "GET functions":
        return Response.json([...deployed.values()].map(described));
      case "POST functions/deploy":
        return deploy(request);
      case "PUT functions":
        return activate(request);
    }
    const [, slug] = /^functions\/([^/]+)$/.exec(request.route) ?? [];
    if (slug === undefined) return undefined;
    const known = deployed.get(slug);
    if (!known) return refusal(404, "Function not found");
    if (request.method === "GET") return Response.json(described(known));
    if (request.method !== "DELETE") return undefined;
    deployed.delete(slug);
    return new Response(null, { status: 200 });
  };
  return { routes, deployed: () => deployed };
}

/** Reads an upload, or refuses it for faults that the platform detects before bundling. */
async function readUpload(
  slug: string,
  form: FormData | undefined,
  before: DeployedFunction | undefined,
): Promise<DeployedFunction | Response> {
  if (!SLUG.test(slug)) return refusal(400, `The function's name must match ${SLUG.source}`);
  const text = form?.get("metadata");
  const metadata = typeof text === "string" ? parseJson(text) : undefined;
  if (!form || !isMetadata(metadata)) return refusal(400, "The upload needs metadata with an entrypoint_path");
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const file of form.getAll("file")) {
    if (file instanceof File) files.set(file.name, new Uint8Array(await file.arrayBuffer()));
  }
  for (const path of [metadata.entrypoint_path, metadata.import_map_path]) {
    if (path && !files.has(path)) return refusal(400, `Failed to bundle the function: ${path} was not uploaded`);
  }
  const verifyJwt = metadata.verify_jwt ?? before?.verifyJwt ?? true;
  return { slug, metadata, files, verifyJwt, version: (before?.version ?? 0) + 1 };
}

function isMetadata(value: unknown): value is Metadata & Record<string, unknown> {
  return isObject(value) && typeof value.entrypoint_path === "string" && value.entrypoint_path !== "";
}

/** Returns the function object with every property that the CLI requires. */
function described({ slug, metadata, verifyJwt, version }: DeployedFunction): Record<string, unknown> {
  return {
    id: slug,
    slug,
    name: metadata.name ?? slug,
    status: "ACTIVE",
    version,
    created_at: 1_767_225_600_000,
    updated_at: 1_767_225_600_000 + version,
    verify_jwt: verifyJwt,
    import_map: Boolean(metadata.import_map_path),
    entrypoint_path: metadata.entrypoint_path,
    import_map_path: metadata.import_map_path ?? "",
  };
}
