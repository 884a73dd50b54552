/**
 * Combines the routes of Clerk's Backend API.
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
import { json, type Respond, type Route, route, type RouteMaker } from "./http.ts";
import { publicKeys } from "./keys.ts";
import { oauthApplicationRoutes } from "./oauth/application_routes.ts";
import { invitationRoutes } from "./organizations/invitation_routes.ts";
import { membershipRoutes } from "./organizations/membership_routes.ts";
import { roleRoutes } from "./organizations/role_routes.ts";
import { checkOrganizations, organizationRoutes } from "./organizations/routes.ts";
import type { RateLimit } from "./rate_limit.ts";
import type { State } from "./state.ts";
import type { Switches } from "./switches.ts";

/** Dependencies of the routes. */
export interface BackendRoutesOptions {
  state: State;
  changes: Changes;
  switches: Switches;
  issuer: string;
  /** The Backend API's rate limit; undefined for none. */
  rateLimit: RateLimit | undefined;
  handshakes: Handshakes;
}

/**
 * Returns the routes under `/v1`. Each checks the secret key before the rate limit.
 *
 * @param options State, changes, switches, issuer and rate limit.
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
    // Must come before the clients, whose routes would read "handshake_payload" as an id.
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

/**
 * Routes of organizations, memberships, invitations and roles. They answer Clerk's error if the instance has no
 * organizations.
 */
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

/** The key is checked before the rate limit, because a request counts towards the limit of its key's instance. */
function limitedRoutes(options: BackendRoutesOptions): RouteMaker {
  return (method, pathname, answer) => {
    const limited: Respond = (parameters, request) => {
      checkRate(options);
      return answer(parameters, request);
    };
    return route(method, pathname, withKey(options, limited));
  };
}

function withKey({ state }: BackendRoutesOptions, answer: Respond): Respond {
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
