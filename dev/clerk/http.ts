/**
 * Routing and JSON responses for all interfaces of the simulator.
 *
 * @module
 */
import { ClerkError, notSimulated } from "./errors.ts";

/** Returns the response of one route. */
export type Respond = (parameters: Record<string, string>, request: Request) => Response | Promise<Response>;

/** A route: its method, its path with `:names`, and its handler. */
export interface Route {
  method: string;
  pattern: URLPattern;
  answer: Respond;
}

/** Creates a route with its interface's checks, such as the secret key. */
export type RouteMaker = (method: string, pathname: string, answer: Respond) => Route;

/**
 * Creates a route without checks.
 *
 * @param method The HTTP method.
 * @param pathname A path with `:names`.
 * @param answer Returns the response.
 * @returns The route.
 */
export function route(method: string, pathname: string, answer: Respond): Route {
  return { method, pattern: new URLPattern({ pathname }), answer };
}

/**
 * Answers by the first route that matches.
 *
 * @param routes The routes.
 * @param request The request.
 * @param method The method to match (default: the request's).
 * @returns The response.
 * @throws {ClerkError} If no route matches: 404 under `/dev/`, else 501, because Clerk may have the route.
 */
export async function dispatch(routes: readonly Route[], request: Request, method = request.method): Promise<Response> {
  for (const route of routes) {
    const match = method === route.method && route.pattern.exec(request.url);
    if (match) return await route.answer(match.pathname.groups as Record<string, string>, request);
  }
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/dev/")) throw new ClerkError(404, "resource_not_found", "Not found");
  throw notSimulated(`The simulator has no ${method} ${pathname}`);
}

/**
 * Returns a JSON response. Clerk's SDK parses a body as JSON only if the content type is exactly `application/json`.
 *
 * @param body The value to serialize.
 * @param status The HTTP status.
 * @param headers Additional headers.
 * @returns The response.
 */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...headers, "content-type": "application/json" } });
}

/**
 * Returns an error response in Clerk's format.
 *
 * @param error The thrown error.
 * @returns The response.
 * @throws The error itself, unless it is a `ClerkError` or a `SyntaxError`.
 */
export function errorResponse(error: unknown): Response {
  if (error instanceof SyntaxError) return errorResponse(new ClerkError(400, "request_body_invalid", error.message));
  if (!(error instanceof ClerkError)) throw error;
  const { status, code, message, details: { param, headers } } = error;
  const meta = param === undefined ? {} : { meta: { param_name: param } };
  return json({ errors: [{ code, message, long_message: message, ...meta }] }, status, headers);
}
