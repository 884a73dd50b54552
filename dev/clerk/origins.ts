/**
 * Restricts the simulator to pages on this machine.
 *
 * @module
 */
import { isOwnHost } from "../own_host.ts";
import { ClerkError } from "./errors.ts";

const LOOPBACK = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Returns whether an origin belongs to this machine.
 *
 * @param origin The origin.
 * @param issuer The simulator's URL. With `--host`, its host name also belongs to this machine.
 * @returns Whether its pages may use the simulator.
 */
export function isAllowedOrigin(origin: string, issuer: string): boolean {
  return LOOPBACK.test(origin) || URL.parse(origin)?.hostname === new URL(issuer).hostname;
}

/**
 * Answers a page with CORS headers that allow cookies. It rejects requests of other pages before they change anything,
 * because a request without a preflight would run before the browser hides its response. It also checks the host, because
 * another site could point its domain name at this machine, and its pages would then send no origin.
 *
 * @param request The request.
 * @param issuer The simulator's URL.
 * @param answer Returns the response, also for errors.
 * @returns The response with its headers.
 */
export async function answerPage(
  request: Request,
  issuer: string,
  answer: () => Promise<Response>,
): Promise<Response> {
  if (!isOwnHost(new URL(request.url).hostname, issuer)) {
    throw new ClerkError(400, "host_invalid", "The Host header must name this machine");
  }
  const origin = request.headers.get("origin");
  if (origin !== null && !isAllowedOrigin(origin, issuer)) {
    throw new ClerkError(400, "origin_invalid", "The Origin header must name a page of this machine");
  }
  const response = request.method === "OPTIONS" ? preflight(request) : await answer();
  response.headers.append("vary", "origin");
  if (origin !== null) {
    response.headers.set("access-control-allow-origin", origin);
    response.headers.set("access-control-allow-credentials", "true");
  }
  return response;
}

/**
 * Returns the origin of the page that sent a request.
 *
 * @param request The request. For a same-origin GET, browsers send only a referrer.
 * @returns The origin; undefined if no page sent the request.
 */
export function originOf({ headers }: Request): string | undefined {
  const referrer = URL.parse(headers.get("referer") ?? "");
  return headers.get("origin") ?? referrer?.origin;
}

/**
 * Returns whether a request comes from a page whose host name differs from the simulator's.
 *
 * @param request The request.
 * @returns Whether a browser may withhold the simulator's cookies.
 */
export function isCrossSite(request: Request): boolean {
  const page = URL.parse(request.headers.get("origin") ?? "");
  return page !== null && page.hostname !== new URL(request.url).hostname;
}

function preflight(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, POST, PATCH, DELETE",
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "content-type",
    },
  });
}
