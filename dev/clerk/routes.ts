/**
 * The simulator's HTTP interfaces: Clerk's Backend API, Clerk's Frontend API, and its own.
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

/** What the routes work on. */
export type RoutesOptions = BackendRoutesOptions & DevRoutesOptions & FrontendRoutesOptions;

/**
 * Makes the routes.
 *
 * @param options What the interfaces work on.
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

/** Clerk's clock, which orders what is read here among the webhooks. */
function withDate(response: Response): Response {
  response.headers.set("date", new Date().toUTCString());
  return response;
}
