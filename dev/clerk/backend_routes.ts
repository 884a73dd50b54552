/**
 * The routes of Clerk's Backend API.
 *
 * @module
 */
import { clientRoutes } from "./backend/client_routes.ts";
import { handshakePayloadRoutes } from "./backend/handshake_routes.ts";
import { identificationRoutes } from "./backend/identification_routes.ts";
import { jwtTemplateRoutes } from "./backend/jwt_template_routes.ts";
import { sessionRoutes } from "./backend/session_routes.ts";
import { userRoutes } from "./backend/user_routes.ts";
import { userStatusRoutes } from "./backend/user_status_routes.ts";
import type { Changes } from "./changes.ts";
import { ClerkError } from "./errors.ts";
import type { Handshakes } from "./handshakes.ts";
import { type Answer, json, type Route, route, type RouteMaker } from "./http.ts";
import { publicKeys } from "./keys.ts";
import { oauthApplicationRoutes } from "./oauth/application_routes.ts";
import { invitationRoutes } from "./organizations/invitation_routes.ts";
import { membershipRoutes } from "./organizations/membership_routes.ts";
import { roleRoutes } from "./organizations/role_routes.ts";
import { checkOrganizations, organizationRoutes } from "./organizations/routes.ts";
import type { RateLimit } from "./rate_limit.ts";
import type { State } from "./state.ts";
import type { Switches } from "./switches.ts";

/** What the routes work on. */
export interface BackendRoutesOptions {
  state: State;
  changes: Changes;
  switches: Switches;
  issuer: string;
  /** How many requests the Backend API takes; undefined for any number. */
  rateLimit: RateLimit | undefined;
  handshakes: Handshakes;
}

/**
 * Returns the routes.
 *
 * @param options State, changes, switches, issuer, rate limit.
 * @returns The routes.
 */
export function backendRoutes(options: BackendRoutesOptions): Route[] {
  const limited = limitedRoutes(options);
  const { state, changes: { changed }, issuer } = options;
  return [
    ...keyRoutes(options),
    ...userRoutes(limited, options),
    ...userStatusRoutes(limited, options),
    ...identificationRoutes(limited, options),
    ...sessionRoutes(limited, options),
    // Before the clients, which would take "handshake_payload" for an id.
    ...handshakePayloadRoutes(limited, options.handshakes),
    ...clientRoutes(limited, options),
    ...jwtTemplateRoutes(limited, { state, changed }),
    ...oauthApplicationRoutes(limited, { state, changed, issuer }),
    ...tenantRoutes(options),
  ];
}

function keyRoutes(options: BackendRoutesOptions): Route[] {
  const answer = () => json(publicKeys(options.state.instance));
  return [
    route("GET", "/.well-known/jwks.json", answer),
    route("GET", "/v1/jwks", withKey(options, answer)),
  ];
}

/** Organizations, and what belongs to them: refused as Clerk does if the instance has none. */
function tenantRoutes(options: BackendRoutesOptions): Route[] {
  const limited = limitedRoutes(options);
  const enabled: RouteMaker = (method, pathname, answer) =>
    limited(method, pathname, (parameters, request) => {
      checkOrganizations(options.switches);
      return answer(parameters, request);
    });
  const makers = [organizationRoutes, membershipRoutes, invitationRoutes, roleRoutes];
  return makers.flatMap((make) => make(enabled, options));
}

/** The key comes before the rate limit: requests count for the instance whose key they have. */
function limitedRoutes(options: BackendRoutesOptions): RouteMaker {
  return (method, pathname, answer) => {
    const limited: Answer = (parameters, request) => {
      checkRate(options);
      return answer(parameters, request);
    };
    return route(method, pathname, withKey(options, limited));
  };
}

function withKey({ state }: BackendRoutesOptions, answer: Answer): Answer {
  return (parameters, request) => {
    if (request.headers.get("authorization") !== `Bearer ${state.instance.secretKey}`) {
      throw new ClerkError(401, "clerk_key_invalid", "The provided Clerk Secret Key is invalid");
    }
    return answer(parameters, request);
  };
}

function checkRate({ rateLimit }: BackendRoutesOptions): void {
  const seconds = rateLimit?.take();
  if (seconds === undefined) return;
  throw new ClerkError(429, "too_many_requests", "Too many requests. Please try again in a bit.", {
    headers: { "retry-after": String(seconds) },
  });
}
