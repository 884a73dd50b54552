/**
 * Adds many organizations to the simulator without sending webhooks.
 *
 * @module
 */
import { createMembership, type Membership } from "./organizations/memberships.ts";
import { createOrganization, type Organization } from "./organizations/organizations.ts";
import { findRole } from "./organizations/role_changes.ts";
import type { State } from "./state.ts";
import type { User } from "./users.ts";

/** Options of seeding. */
export interface SeedOrganizationsOptions {
  /** The users who may become members. */
  users: readonly User[];
  /** The number of organizations. */
  count: number;
  /** The number of members of each organization, at most the number of users. */
  membersEach: number;
  /** When the first organization was created, in milliseconds (default: the start of 2025). */
  startAt?: number;
  /** Milliseconds between organizations (default: one minute). */
  intervalMs?: number;
  /** The first organization's number. */
  first?: number;
}

/** The added organizations and memberships, in the order of their creation. */
export interface SeededOrganizations {
  organizations: Organization[];
  memberships: Membership[];
}

/**
 * Adds organizations with members. The first member is an admin, and members join one millisecond apart.
 *
 * @param state The simulator's state.
 * @param options Counts, users and times.
 * @returns The added organizations and memberships.
 */
export function seedOrganizations(
  state: State,
  { users, count, membersEach, startAt = Date.UTC(2025, 0), intervalMs = 60_000, first = 0 }: SeedOrganizationsOptions,
): SeededOrganizations {
  const [admin, member] = ["org:admin", "org:member"].map((key) => findRole(state, key).id);
  const numbers = Array.from({ length: count }, (_, index) => first + index);
  const organizations = numbers.map((number) => {
    const name = `Organization ${number}`;
    const input = { name, public_metadata: { plan: number % 3 === 0 ? "team" : "free" } };
    return createOrganization(input, `organization-${number}`, startAt + (number - first) * intervalMs);
  });
  const memberships = organizations.flatMap(({ id, created_at }, index) =>
    Array.from({ length: membersEach }, (_, place) => {
      const user = users[(index * membersEach + place) % users.length]!;
      const role_id = place === 0 ? admin! : member!;
      return createMembership({ organization_id: id, user_id: user.id, role_id }, created_at + place);
    })
  );
  state.organizations.setAll(organizations);
  state.memberships.setAll(memberships);
  return { organizations, memberships };
}
