/**
 * CORS for the functions that browsers call. No cookies are used, so credentials are never allowed.
 *
 * @module
 */
import { createOriginTest } from "../formats/origins.ts";

/** Headers of the answer to a request, as names and values. */
export type CorsHeaders = (request: Request) => Array<[string, string]>;

/**
 * Creates the function that returns the headers of every answer to a browser, errors too.
 *
 * @param origins The allowed origins or patterns; `*` allows any.
 * @returns The function. The request's `origin` is compared byte by byte; one that is not allowed gets no permission.
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
 * What a preflight's answer adds to {@linkcode createCorsHeaders}.
 *
 * @param request The preflight. The headers it asks for are granted: which may be sent is no secret, and the
 * list of those that supabase-js sends grows.
 * @param methods The methods that the function answers.
 * @returns Headers of the answer.
 */
export function preflightHeaders(request: Request, methods: readonly string[]): Record<string, string> {
  return {
    "access-control-allow-methods": methods.join(", "),
    "access-control-allow-headers": request.headers.get("access-control-request-headers") ??
      "authorization, apikey, content-type, x-client-info, x-request-id",
    "access-control-max-age": "3600",
  };
}
