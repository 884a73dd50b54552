/**
 * Which pages may use the simulator: those of this machine.
 *
 * @module
 */
import { ClerkError } from "./errors.ts";

const LOOPBACK = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Returns whether an origin is one of this machine.
 *
 * @param origin The origin.
 * @param issuer The simulator's URL: with `--host`, its name is another name of this machine.
 * @returns Whether its pages may use the simulator.
 */
export function isAllowedOrigin(origin: string, issuer: string): boolean {
  return LOOPBACK.test(origin) || URL.parse(origin)?.hostname === new URL(issuer).hostname;
}

/**
 * Answers a page, with CORS and the cookies that go with it. Other pages get no permission and change nothing either:
 * a request that needs no preflight would be carried out before the browser hides its answer.
 *
 * @param request The request.
 * @param issuer The simulator's URL.
 * @param answer Makes the answer, errors too.
 * @returns The answer with its headers.
 */
export async function answerPage(
  request: Request,
  issuer: string,
  answer: () => Promise<Response>,
): Promise<Response> {
  const origin = request.headers.get("origin");
  if (origin !== null && !isAllowedOrigin(origin, issuer)) {
    throw new ClerkError(400, "origin_invalid", "The Request HTTP Origin header is not one of this machine");
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
 * The page's origin.
 *
 * @param request What the page sent. A browser leaves the origin out of a GET to the page's own, and has a referrer.
 * @returns The origin; undefined where no page sent it.
 */
export function originOf({ headers }: Request): string | undefined {
  const referrer = URL.parse(headers.get("referer") ?? "");
  return headers.get("origin") ?? referrer?.origin;
}

/**
 * Returns whether the page that sent a request is on another host name than the simulator.
 *
 * @param request What the page sent.
 * @returns Whether a browser may hold the simulator's cookies back.
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
