/**
 * Roles of organizations, and the permissions that they grant.
 *
 * @module
 */
import { createId } from "../keys.ts";

/** A permission: `org:<feature>:<permission>`. Times are in milliseconds. */
export interface Permission {
  id: string;
  object: "permission";
  key: string;
  name: string;
  description: string;
  /** Clerk's own permissions are `system`, and are never in a token. */
  type: "system" | "user";
  created_at: number;
  updated_at: number;
}

/** A role: `org:<role>`. Times are in milliseconds. */
export interface Role {
  id: string;
  key: string;
  name: string;
  description: string | null;
  is_creator_eligible: boolean;
  /** The keys of the role's permissions. */
  permissions: string[];
  created_at: number;
  updated_at: number;
}

/** The role of an organization's creator. */
export const CREATOR_ROLE = "org:admin";

/** Clerk's system permissions with their names. */
const SYSTEM_PERMISSIONS: Record<string, string> = {
  "org:sys_profile:manage": "Manage organization",
  "org:sys_profile:delete": "Delete organization",
  "org:sys_memberships:read": "Read members",
  "org:sys_memberships:manage": "Manage members",
  "org:sys_domains:read": "Read domains",
  "org:sys_domains:manage": "Manage domains",
  "org:sys_billing:read": "Read billing",
  "org:sys_billing:manage": "Manage billing",
};

/** The permissions that at least one member must have to manage the organization. */
export const MINIMUM_PERMISSIONS = ["org:sys_memberships:read", "org:sys_memberships:manage", "org:sys_profile:manage"];

/**
 * Returns Clerk's system permissions, which every instance has.
 *
 * @param now The time in milliseconds.
 * @returns The permissions.
 */
export function systemPermissions(now: number): Permission[] {
  return Object.entries(SYSTEM_PERMISSIONS).map(([key, name]) => createPermission({ key, name }, now, "system"));
}

/**
 * Returns the initial roles of an instance.
 *
 * @param now The time in milliseconds.
 * @returns Admin and Member.
 */
export function defaultRoles(now: number): Role[] {
  const member = ["org:sys_memberships:read", "org:sys_billing:read"];
  return [
    createRole({ key: CREATOR_ROLE, name: "Admin", permissions: Object.keys(SYSTEM_PERMISSIONS) }, now),
    createRole({ key: "org:member", name: "Member", permissions: member }, now),
  ];
}

/** Input of a new role. */
export interface RoleInput {
  key: string;
  name: string;
  description?: string | null;
  permissions?: string[];
}

/**
 * Returns a new role.
 *
 * @param input Key, name, description and permissions.
 * @param now The time in milliseconds.
 * @returns The role.
 */
export function createRole({ key, name, description = null, permissions = [] }: RoleInput, now: number): Role {
  const is_creator_eligible = MINIMUM_PERMISSIONS.every((permission) => permissions.includes(permission));
  return {
    ...{ id: createId("role", now), key, name, description, is_creator_eligible, permissions },
    ...{ created_at: now, updated_at: now },
  };
}

/**
 * Returns a new permission.
 *
 * @param input Key, name and description.
 * @param now The time in milliseconds.
 * @param type `system` for Clerk's own permissions.
 * @returns The permission.
 */
export function createPermission(
  { key, name, description = "" }: { key: string; name: string; description?: string },
  now: number,
  type: Permission["type"] = "user",
): Permission {
  return {
    id: createId("perm", now),
    object: "permission",
    key,
    name,
    description,
    type,
    created_at: now,
    updated_at: now,
  };
}

/**
 * Returns a role in the format of Clerk's API.
 *
 * @param permissions Every permission.
 * @param role The role.
 * @returns Clerk's object, with its permissions.
 */
export function roleObject(permissions: ReadonlyMap<string, Permission>, role: Role): Record<string, unknown> {
  const granted = [...permissions.values()].filter(({ key }) => role.permissions.includes(key));
  return { object: "role", ...role, permissions: granted };
}
