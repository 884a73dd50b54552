/**
 * Routes and answers, as each of the simulator's interfaces has them.
 *
 * @module
 */
import { ClerkError, notSimulated } from "./errors.ts";

/** Answers one route. */
export type Answer = (parameters: Record<string, string>, request: Request) => Response | Promise<Response>;

/** A route: method, path with `:names`, and what answers it. */
export interface Route {
  method: string;
  pattern: URLPattern;
  answer: Answer;
}

/** Makes a route of an interface, with what the interface asks of every request. */
export type RouteMaker = (method: string, pathname: string, answer: Answer) => Route;

/**
 * Makes a route.
 *
 * @param method HTTP's.
 * @param pathname A path with `:names`.
 * @param answer What answers it.
 * @returns The route.
 */
export function route(method: string, pathname: string, answer: Answer): Route {
  return { method, pattern: new URLPattern({ pathname }), answer };
}

/**
 * Lets the first route that fits answer.
 *
 * @param routes The routes.
 * @param request The request.
 * @param method What to take for its method.
 * @returns The answer.
 * @throws {ClerkError} If none fits: 501, since Clerk may have it, or 404 under `/dev/`, which is the simulator's own.
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
 * Answers with JSON. Clerk's SDK takes a body for JSON only where the content type is exactly this.
 *
 * @param body What to say.
 * @param status HTTP status.
 * @param headers More headers.
 * @returns The answer.
 */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...headers, "content-type": "application/json" } });
}

/**
 * Answers with an error as Clerk does.
 *
 * @param error What was thrown.
 * @returns The answer.
 * @throws What is no refusal of the simulator's.
 */
export function errorResponse(error: unknown): Response {
  if (error instanceof SyntaxError) return errorResponse(new ClerkError(400, "request_body_invalid", error.message));
  if (!(error instanceof ClerkError)) throw error;
  const { status, code, message, details: { param, headers } } = error;
  const meta = param === undefined ? {} : { meta: { param_name: param } };
  return json({ errors: [{ code, message, long_message: message, ...meta }] }, status, headers);
}
