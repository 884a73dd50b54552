/**
 * The Backend API's routes of roles and permissions.
 *
 * @module
 */
import { ClerkError, invalidParameter } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import type { State } from "../state.ts";
import { listByKey, pageObject } from "./lists.ts";
import { type Body, readBody, readText, requireText } from "./parameters.ts";
import { type Permission, type Role, roleObject } from "./roles.ts";
import type { OrganizationRoutesOptions } from "./routes.ts";

/**
 * Returns the routes under `/v1/organization_roles` and `/v1/organization_permissions`.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options State and changes.
 * @returns The routes.
 */
export function roleRoutes(route: RouteMaker, options: OrganizationRoutesOptions): Route[] {
  const { state, changes: { roles } } = options;
  const show = (role: Role) => roleObject(state.permissions, role);
  const path = "/v1/organization_roles";
  return [
    route("GET", path, (_, request) => {
      return json(pageObject(listByKey(new URL(request.url).searchParams, state.roles.values()), show));
    }),
    route("POST", path, async (_, request) => {
      const body = await readBody(request);
      const named = { key: requireText(body, "key"), name: requireText(body, "name") };
      return json(
        show(roles.createRole({ ...readNamed(body), ...named, permissions: readPermissions(state, body) ?? [] })),
      );
    }),
    route("GET", `${path}/:id`, ({ id }) => json(show(findRoleById(state, id)))),
    route("PATCH", `${path}/:id`, async ({ id }, request) => {
      const body = await readBody(request);
      const permissions = readPermissions(state, body);
      return json(show(roles.updateRole(findRoleById(state, id), {
        ...readNamed(body),
        ...(permissions && { permissions }),
      })));
    }),
    route("DELETE", `${path}/:id`, ({ id }) => json(roles.deleteRole(findRoleById(state, id)))),
    ...grantRoutes(route, options),
    ...permissionRoutes(route, options),
  ];
}

function grantRoutes(route: RouteMaker, { state, changes: { roles } }: OrganizationRoutesOptions): Route[] {
  const path = "/v1/organization_roles/:id/permissions/:permission";
  const change = (parameters: Record<string, string>, grant: (known: string[], key: string) => string[]) => {
    const role = findRoleById(state, parameters.id);
    const { key } = findPermission(state, parameters.permission);
    const changed = roles.updateRole(role, { permissions: grant(role.permissions, key) });
    return json(roleObject(state.permissions, changed));
  };
  return [
    route("POST", path, (parameters) =>
      change(parameters, (known, key) => {
        if (!known.includes(key)) return [...known, key];
        const message = "This organization permission is already associated to this organization role.";
        throw new ClerkError(409, "organization_role_permission_association_exists", message);
      })),
    route("DELETE", path, (parameters) => change(parameters, (known, key) => known.filter((one) => one !== key))),
  ];
}

function permissionRoutes(route: RouteMaker, { state, changes: { roles } }: OrganizationRoutesOptions): Route[] {
  const path = "/v1/organization_permissions";
  return [
    route("GET", path, (_, request) => {
      const page = listByKey(new URL(request.url).searchParams, state.permissions.values());
      return json(pageObject(page, (permission) => permission));
    }),
    route("POST", path, async (_, request) => {
      const body = await readBody(request);
      const named = { key: requireText(body, "key"), name: requireText(body, "name") };
      return json(roles.createPermission({ ...readNamed(body), ...named }));
    }),
    route("GET", `${path}/:id`, ({ id }) => json(findPermission(state, id))),
    route("PATCH", `${path}/:id`, async ({ id }, request) => {
      return json(roles.updatePermission(findPermission(state, id), readNamed(await readBody(request))));
    }),
    route("DELETE", `${path}/:id`, ({ id }) => json(roles.deletePermission(findPermission(state, id)))),
  ];
}

function readNamed(body: Body): { key?: string; name?: string; description?: string } {
  return Object.fromEntries(["key", "name", "description"].flatMap((name) => {
    const text = readText(body, name);
    return text === undefined ? [] : [[name, text]];
  }));
}

/** Converts the ids in the body to the keys that a role stores. */
function readPermissions(state: State, { permissions }: Body): string[] | undefined {
  if (permissions === undefined || permissions === null) return undefined;
  if (Array.isArray(permissions)) return permissions.map((id) => findPermission(state, String(id)).key);
  throw invalidParameter("permissions", "permissions must be a list of ids");
}

function findRoleById({ roles }: State, id: string | undefined): Role {
  const role = roles.get(id ?? "");
  if (role) return role;
  throw new ClerkError(404, "resource_not_found", "Organization role not found");
}

function findPermission({ permissions }: State, id: string | undefined): Permission {
  const permission = permissions.get(id ?? "");
  if (permission) return permission;
  throw new ClerkError(404, "resource_not_found", "Organization permission not found");
}
