/**
 * Combines the simulator's HTTP interfaces: Clerk's Backend API, Clerk's Frontend API and its own routes.
 *
 * @module
 */
import { backendRoutes, type BackendRoutesOptions } from "./backend_routes.ts";
import { devRoutes, type DevRoutesOptions } from "./dev_routes.ts";
import { ClerkError } from "./errors.ts";
import { findSignedIn } from "./frontend/answers.ts";
import { FRONTEND_PATH } from "./frontend/path.ts";
import { createFrontend, type FrontendRoutesOptions } from "./frontend/routes.ts";
import { dispatch, errorResponse } from "./http.ts";
import { providerRoutes } from "./oauth/provider_routes.ts";
import { answerPage } from "./origins.ts";

/** Dependencies of the routes. */
export type RoutesOptions = BackendRoutesOptions & DevRoutesOptions & FrontendRoutesOptions;

/**
 * Returns the handler of the simulator's address.
 *
 * @param options Dependencies of all interfaces.
 * @returns The handler.
 */
export function createRoutes(options: RoutesOptions): (request: Request) => Promise<Response> {
  const { state, changes: { changed }, issuer } = options;
  const findVisitor = (request: Request) => findSignedIn(state, request);
  const backend = [...backendRoutes(options), ...providerRoutes({ state, changed, issuer, findVisitor })];
  const dev = devRoutes(options);
  const frontend = createFrontend(options);
  const clerk = (request: Request, answer: (request: Request) => Promise<Response>) => {
    return guarded(() => options.switches.outage ? Promise.reject(outage()) : answer(request));
  };
  return (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/dev/")) {
      return guarded(() => answerPage(request, options.issuer, () => guarded(() => dispatch(dev, request))));
    }
    if (pathname.startsWith(`${FRONTEND_PATH}/`)) {
      return guarded(() => answerPage(request, options.issuer, () => clerk(request, frontend)));
    }
    return clerk(request, (request) => dispatch(backend, request));
  };
}

async function guarded(answer: () => Promise<Response>): Promise<Response> {
  return withDate(await answer().catch(errorResponse));
}

function outage(): ClerkError {
  return new ClerkError(503, "service_unavailable", "The simulated Clerk is down");
}

/** Adds the header `date` with Clerk's time, by which readers order a response among the webhooks. */
function withDate(response: Response): Response {
  response.headers.set("date", new Date().toUTCString());
  return response;
}
