/**
 * Many organizations at the simulator's Clerk, of which no webhook was ever sent.
 *
 * @module
 */
import { createMembership, type Membership } from "./organizations/memberships.ts";
import { createOrganization, type Organization } from "./organizations/organizations.ts";
import { findRole } from "./organizations/role_changes.ts";
import type { State } from "./state.ts";
import type { User } from "./users.ts";

/** What seeding takes. */
export interface SeedOrganizationsOptions {
  /** The users who may become members. */
  users: readonly User[];
  /** How many organizations. */
  count: number;
  /** How many members each of them has; no more than there are users. */
  membersEach: number;
  /** When the first organization came, in milliseconds; the beginning of 2025 unless given. */
  startAt?: number;
  /** Milliseconds from one organization to the next; a minute unless given. */
  intervalMs?: number;
  /** The first organization's number. */
  first?: number;
}

/** What was seeded, in the order in which it came. */
export interface SeededOrganizations {
  organizations: Organization[];
  memberships: Membership[];
}

/**
 * Adds organizations with members, the first of whom is an admin. Members come a millisecond after each other.
 *
 * @param state The simulator's state.
 * @param options How many, and whose.
 * @returns What was added.
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
