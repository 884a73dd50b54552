/**
 * The Backend API's route that gives an app's server the cookies of a handshake.
 *
 * @module
 */
import { ClerkError } from "../errors.ts";
import type { Handshakes } from "../handshakes.ts";
import { json, type Route, type RouteMaker } from "../http.ts";

/**
 * Returns `GET /v1/clients/handshake_payload`.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param handshakes The pending handshakes.
 * @returns The route.
 */
export function handshakePayloadRoutes(route: RouteMaker, handshakes: Handshakes): Route[] {
  return [
    route("GET", "/v1/clients/handshake_payload", (_, request) => {
      const nonce = new URL(request.url).searchParams.get("nonce") ?? "";
      const directives = handshakes.take(nonce);
      if (directives) return json({ directives });
      throw new ClerkError(404, "resource_not_found", "No handshake was found with this nonce");
    }),
  ];
}
