/**
 * Creates, changes and deletes roles and permissions in the state and sends the webhooks.
 *
 * @module
 */
import { ClerkError, invalidParameter } from "../errors.ts";
import type { State } from "../state.ts";
import {
  createPermission,
  createRole,
  CREATOR_ROLE,
  type Permission,
  type Role,
  type RoleInput,
  roleObject,
} from "./roles.ts";

/** Dependencies of the changes. */
export interface RoleChangesOptions {
  state: State;
  /** Sends a webhook and saves the state. */
  tell: (type: string, data: unknown) => void;
}

/** The changes to roles and permissions. */
export interface RoleChanges {
  createRole: (input: RoleInput) => Role;
  /** Changes a role. No webhook is sent for its memberships, because Clerk is not known to send one. */
  updateRole: (role: Role, input: Partial<RoleInput>) => Role;
  deleteRole: (role: Role) => Record<string, unknown>;
  createPermission: (input: { key: string; name: string; description?: string }) => Permission;
  updatePermission: (
    permission: Permission,
    input: { key?: string; name?: string; description?: string },
  ) => Permission;
  deletePermission: (permission: Permission) => Record<string, unknown>;
}

/**
 * Returns the changes to roles and permissions.
 *
 * @param options State and sender.
 * @returns The changes.
 */
export function createRoleChanges(options: RoleChangesOptions): RoleChanges {
  const { state, tell } = options;
  const store = (type: string, role: Role) => {
    state.roles.set(role.id, role);
    tell(type, roleObject(state.permissions, role));
    return role;
  };
  return {
    ...permissionChanges(options),
    createRole(input) {
      checkKey(state.roles.values(), input.key, /^org:\w+$/);
      return store("role.created", createRole(input, Date.now()));
    },
    updateRole(role, input) {
      if (input.key !== undefined) checkKey(state.roles.values(), input.key, /^org:\w+$/, role.id);
      const { is_creator_eligible } = createRole({ ...role, ...input }, Date.now());
      const updated_at = Math.max(Date.now(), role.updated_at + 1);
      return store("role.updated", { ...role, ...input, is_creator_eligible, updated_at });
    },
    deleteRole({ id, key }) {
      checkUnused(state, id, key);
      // Without this, ended invitations would refer to a missing role.
      for (const { id: invitation, role_id } of state.invitations.values()) {
        if (role_id === id) state.invitations.delete(invitation);
      }
      state.roles.delete(id);
      const deleted = { object: "role", id, deleted: true };
      tell("role.deleted", deleted);
      return deleted;
    },
  };
}

function permissionChanges({ state, tell }: RoleChangesOptions) {
  const grant = (key: string, to: string | undefined) => {
    for (const role of state.roles.values()) {
      const permissions = role.permissions.flatMap((one) => one !== key ? [one] : to === undefined ? [] : [to]);
      state.roles.set(role.id, { ...role, permissions });
    }
  };
  return {
    createPermission(input: { key: string; name: string; description?: string }) {
      checkKey(state.permissions.values(), input.key, /^org:(?!sys_)\w+:\w+$/);
      const permission = createPermission(input, Date.now());
      state.permissions.set(permission.id, permission);
      tell("permission.created", permission);
      return permission;
    },
    updatePermission(permission: Permission, input: { key?: string; name?: string; description?: string }) {
      checkOwn(permission);
      if (input.key !== undefined) {
        checkKey(state.permissions.values(), input.key, /^org:(?!sys_)\w+:\w+$/, permission.id);
        grant(permission.key, input.key);
      }
      const changed = { ...permission, ...input, updated_at: Math.max(Date.now(), permission.updated_at + 1) };
      state.permissions.set(changed.id, changed);
      tell("permission.updated", changed);
      return changed;
    },
    deletePermission(permission: Permission) {
      const { id, key } = checkOwn(permission);
      state.permissions.delete(id);
      grant(key, undefined);
      const deleted = { object: "permission", id, deleted: true };
      tell("permission.deleted", deleted);
      return deleted;
    },
  };
}

/**
 * Finds a role by its key.
 *
 * @param state The simulator's state.
 * @param key `org:<role>`, or `admin` and `basic_member` from older code.
 * @returns The role.
 * @throws {ClerkError} 404 if the role does not exist.
 */
export function findRole({ roles }: State, key: unknown): Role {
  const wanted = key === "admin" ? CREATOR_ROLE : key === "basic_member" ? "org:member" : key;
  const role = [...roles.values()].find((role) => role.key === wanted);
  if (role) return role;
  throw new ClerkError(404, "resource_not_found", "Organization role not found", { param: "role" });
}

function checkKey(known: Iterable<{ id: string; key: string }>, key: string, shape: RegExp, id?: string): void {
  if (!shape.test(key)) throw invalidParameter("key", `key must be like ${shape.source}`);
  if ([...known].every((one) => one.key !== key || one.id === id)) return;
  throw invalidParameter("key", "That key is taken. Please try another.", "form_identifier_exists");
}

function checkOwn(permission: Permission): Permission {
  if (permission.type === "user") return permission;
  const message = "This organization permission cannot be modified because it is a system permission.";
  throw new ClerkError(403, "organization_system_permission_not_modifiable", message);
}

function checkUnused({ memberships, invitations }: State, roleId: string, key: string): void {
  if (key === CREATOR_ROLE) {
    const message = "The organization role cannot be deleted as it is currently used as the creator role.";
    throw new ClerkError(422, "organization_role_default_creator_role", message);
  }
  if ([...memberships.values()].some(({ role_id }) => role_id === roleId)) {
    const message = "The organization role is currently assigned to one or more organization members.";
    throw new ClerkError(422, "organization_role_assigned_members", message);
  }
  if ([...invitations.values()].some(({ role_id, status }) => role_id === roleId && status === "pending")) {
    const message = "The organization role exists in one or more pending organization invitations.";
    throw new ClerkError(422, "organization_role_exists_in_invitations", message);
  }
}
