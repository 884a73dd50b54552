/**
 * CORS for the functions that browsers call. No cookies are used, so credentials are never allowed.
 *
 * @module
 */

/**
 * The headers of every answer to a browser, errors too.
 *
 * @param request The request; its `origin` is compared byte by byte.
 * @param origins The allowed origins; `*` allows any.
 * @returns Header names and values. An origin that is not allowed gets no permission.
 */
export function corsHeaders(request: Request, origins: readonly string[]): Array<[string, string]> {
  const headers: Array<[string, string]> = [
    ["vary", "origin"],
    ["access-control-expose-headers", "x-request-id, retry-after"],
  ];
  const origin = request.headers.get("origin");
  if (origins.includes("*")) headers.push(["access-control-allow-origin", "*"]);
  else if (origin !== null && origins.includes(origin)) headers.push(["access-control-allow-origin", origin]);
  return headers;
}

/**
 * What a preflight's answer adds to {@linkcode corsHeaders}.
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
