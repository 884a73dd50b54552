/**
 * What the Frontend API's routes of organizations have in common: who may call them.
 *
 * @module
 */
import { ClerkError } from "../errors.ts";
import { findMembership } from "../organizations/membership_routes.ts";
import { checkOrganizations } from "../organizations/routes.ts";
import type { State } from "../state.ts";
import { answer, type Caller, findCaller, type FrontendOptions, frontendRoute } from "./answers.ts";

type Parameters = Record<string, string | undefined>;
/** Answers the caller, whose role was checked, with what clerk-js finds under `response`. */
type Respond = (caller: Caller, parameters: Parameters, request: Request) => unknown | Promise<unknown>;

/** What a member needs for what; Clerk's own permissions. */
export const NEEDS = {
  read: "org:sys_memberships:read",
  manage: "org:sys_memberships:manage",
  profile: "org:sys_profile:manage",
  delete: "org:sys_profile:delete",
} as const;

/**
 * Makes routes for callers who are members with a permission; `undefined` asks for none, and for no organization.
 *
 * @param options State, changes, switches and issuer.
 * @returns What makes a route.
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
 * Reads the query without what clerk-js adds to every request.
 *
 * @param request The request.
 * @returns The query.
 */
export function ownQuery(request: Request): URLSearchParams {
  const query = new URL(request.url).searchParams;
  for (const name of [...query.keys()]) if (name.startsWith("_")) query.delete(name);
  return query;
}
