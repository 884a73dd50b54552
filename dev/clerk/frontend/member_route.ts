/**
 * Checks the caller's role for the Frontend API's routes of organizations.
 *
 * @module
 */
import { ClerkError } from "../errors.ts";
import { findMembership } from "../organizations/membership_routes.ts";
import { checkOrganizations } from "../organizations/routes.ts";
import type { State } from "../state.ts";
import { answer, type Caller, findCaller, type FrontendOptions, frontendRoute } from "./answers.ts";

type Parameters = Record<string, string | undefined>;
/** Returns the value of `response` for a caller whose role was checked. */
type Respond = (caller: Caller, parameters: Parameters, request: Request) => unknown | Promise<unknown>;

/** The permission that each kind of action needs, from Clerk's system permissions. */
export const NEEDS = {
  read: "org:sys_memberships:read",
  manage: "org:sys_memberships:manage",
  profile: "org:sys_profile:manage",
  delete: "org:sys_profile:delete",
} as const;

/**
 * Returns a function that creates routes for members with a permission. With `undefined`, the route needs neither a
 * permission nor a membership.
 *
 * @param options State, changes, switches and issuer.
 * @returns The function that creates a route.
 */
export function memberRoute(options: FrontendOptions) {
  return (method: string, path: string, needs: string | undefined, respond: Respond) =>
    frontendRoute(method, path, async (parameters, request) => {
      checkOrganizations(options.switches);
      const caller = findCaller(options.state, request);
      if (needs) checkPermission(options.state, caller, parameters.id, needs);
      const response = await respond(caller, parameters, request);
      return await answer(options, request, caller.client, response);
    });
}

function checkPermission(state: State, { user }: Caller, organizationId: string | undefined, permission: string): void {
  const { role_id } = findMembership(state, organizationId, user.id);
  if (state.roles.get(role_id)!.permissions.includes(permission)) return;
  throw new ClerkError(403, "missing_organization_permission", `Your role lacks the permission ${permission}.`);
}

/**
 * Returns the query without the parameters that clerk-js adds to every request.
 *
 * @param request The request.
 * @returns The query.
 */
export function ownQuery(request: Request): URLSearchParams {
  const query = new URL(request.url).searchParams;
  for (const name of [...query.keys()]) if (name.startsWith("_")) query.delete(name);
  return query;
}
