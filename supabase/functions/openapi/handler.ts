/**
 * `GET /openapi` returns the OpenAPI document of all functions.
 *
 * @module
 */
import { handle, type Handler, type Platform, type Route } from "../_clerk-supabase/http/handle.ts";
import { jsonResponse } from "../_clerk-supabase/http/problem.ts";

/** Viewers in a browser read it. */
export const OPENAPI: Route = { name: "openapi", browser: true };

/** Dependencies of the handler. */
export interface OpenApiDeps extends Platform {
  document: unknown;
}

/**
 * Creates the handler of `GET /openapi`.
 *
 * @param deps The document.
 * @returns The handler.
 */
export function createOpenApiHandler(deps: OpenApiDeps): Handler {
  return handle(OPENAPI, deps, {
    GET: () => {
      const response = jsonResponse(deps.document);
      // The document is public and only changes with a deployment.
      response.headers.set("cache-control", "public, max-age=300");
      return Promise.resolve(response);
    },
  });
}
