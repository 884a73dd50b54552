/**
 * CORS headers for the functions that browsers call. The functions use no cookies, so credentials are never allowed.
 *
 * @module
 */
import { createOriginTest } from "../formats/origins.ts";

/** Returns the headers of the response to a request, as names and values. */
export type CorsHeaders = (request: Request) => Array<[string, string]>;

/**
 * Creates the function that returns the CORS headers of every response to a browser, including errors.
 *
 * @param origins The allowed origins or patterns; `*` allows any.
 * @returns The function. It compares the request's `origin` byte by byte, and does not allow any other origin.
 */
export function createCorsHeaders(origins: readonly string[]): CorsHeaders {
  const isAllowed = origins.includes("*") ? undefined : createOriginTest(origins);
  return (request) => corsHeaders(request, isAllowed);
}

function corsHeaders(request: Request, isAllowed: ((origin: string) => boolean) | undefined): Array<[string, string]> {
  const headers: Array<[string, string]> = [
    ["vary", "origin"],
    ["access-control-expose-headers", "x-request-id, retry-after"],
  ];
  const origin = request.headers.get("origin");
  if (!isAllowed) headers.push(["access-control-allow-origin", "*"]);
  else if (origin !== null && isAllowed(origin)) headers.push(["access-control-allow-origin", origin]);
  return headers;
}

/**
 * Returns the headers that the response to a preflight has beside those of {@linkcode createCorsHeaders}.
 *
 * @param request The preflight. All requested headers are allowed: that is harmless, and supabase-js keeps adding some.
 * @param methods The methods that the function supports.
 * @returns Headers of the response.
 */
export function preflightHeaders(request: Request, methods: readonly string[]): Record<string, string> {
  return {
    "access-control-allow-methods": methods.join(", "),
    "access-control-allow-headers": request.headers.get("access-control-request-headers") ??
      "authorization, apikey, content-type, x-client-info, x-request-id",
    "access-control-max-age": "3600",
  };
}
