/**
 * Computes the expected state from a set of messages alone. Written from the rules of
 * docs/adr/0010-organizations-as-rights.md, not from the SQL.
 *
 * @module
 */
import {
  type OrganizationHistory,
  type OrganizationMessage,
  type OrganizationProfile,
  pairOf,
} from "./organization_history.ts";

/** The state after a history. Times are milliseconds after the histories' epoch. */
export interface OrganizationState {
  organizations: Record<string, { name: string; createdAt: number }>;
  /** The visible memberships, by pair. */
  memberships: Record<string, { membership: string; role: string; createdAt: number }>;
  deletedOrganizations: string[];
  /** Memberships that are permanently removed. */
  removed: string[];
}

interface Told {
  profile: { updatedAt: number | undefined; createdAt: number | undefined; eventAt: number };
  type: string;
  id: string;
}

/** Returns the state after a history, which does not depend on its delivery. */
export function expectedOrganizations({ messages }: OrganizationHistory): OrganizationState {
  const gone = (kind: "user deleted" | "organization deleted") =>
    new Set(messages.flatMap((one) => one.kind !== kind ? [] : ["user" in one ? one.user : organizationOf(one)]));
  const [deletedUsers, deletedOrganizations] = [gone("user deleted"), gone("organization deleted")];
  const users = new Set(
    messages.flatMap((one) => one.kind === "user" && !deletedUsers.has(one.user) ? [one.user] : []),
  );
  const organizations: OrganizationState["organizations"] = {};
  for (const [organization, told] of Map.groupBy(organizationsTold(messages), ({ profile }) => profile.organization)) {
    if (deletedOrganizations.has(organization)) continue;
    organizations[organization] = { name: newestOf(told).profile.name, createdAt: Math.min(...told.map(creationOf)) };
  }
  const memberships: OrganizationState["memberships"] = {};
  for (const [pair, current] of currentMemberships(messages)) {
    const { organization, user } = pairOf(current.membership);
    if (current.isRemoved || !users.has(user) || !(organization in organizations)) continue;
    const profiles = membershipsTold(messages).filter(({ profile }) => profile.membership === current.membership);
    const { membership, role } = newestOf(profiles).profile;
    memberships[pair] = { membership, role, createdAt: current.createdAt };
  }
  const removed = messages.flatMap((one) => one.kind === "removal" ? [one.membership] : []);
  return {
    organizations,
    memberships,
    deletedOrganizations: [...deletedOrganizations].sort(),
    removed: [...new Set(removed)].sort(),
  };
}

function organizationOf(message: OrganizationMessage): string {
  return (message as { organization: string }).organization;
}

/** Returns profiles of organizations, including those embedded in memberships. */
function organizationsTold(messages: OrganizationMessage[]): Array<Told & { profile: OrganizationProfile }> {
  return messages.flatMap((one) => {
    if (one.kind === "organization") return [{ profile: one.profile, type: one.type, id: one.id ?? "" }];
    if (one.kind !== "membership" || !one.embedded) return [];
    return [{ profile: one.embedded, type: "fetched", id: one.id! }];
  });
}

function membershipsTold(messages: OrganizationMessage[]) {
  return messages.flatMap((one) => one.kind === "membership" ? [{ ...one, id: one.id ?? "" }] : []);
}

/** Returns each pair's membership created last, including removed ones whose pair and creation are known. */
function currentMemberships(messages: OrganizationMessage[]) {
  const known = new Map<string, { creations: number[]; tellsPair: boolean; isRemoved: boolean }>();
  for (const one of messages) {
    if (one.kind !== "membership" && one.kind !== "removal") continue;
    const membership = one.kind === "membership" ? one.profile.membership : one.membership;
    const before = known.get(membership) ?? { creations: [], tellsPair: false, isRemoved: false };
    const creation = one.kind === "membership" ? creationOf(one) : one.createdAt;
    known.set(membership, {
      creations: creation === undefined ? before.creations : [...before.creations, creation],
      tellsPair: before.tellsPair || one.kind === "membership" || one.tellsPair,
      isRemoved: before.isRemoved || one.kind === "removal",
    });
  }
  const current = new Map<string, { membership: string; createdAt: number; isRemoved: boolean }>();
  for (const [membership, { creations, tellsPair, isRemoved }] of known) {
    if (!tellsPair || creations.length === 0) continue;
    const { organization, user } = pairOf(membership);
    const createdAt = Math.min(...creations);
    const before = current.get(`${organization}/${user}`);
    const isLater = !before || createdAt > before.createdAt ||
      createdAt === before.createdAt && membership > before.membership;
    if (isLater) current.set(`${organization}/${user}`, { membership, createdAt, isRemoved });
  }
  return current;
}

/** Compares versions: updated_at, event time, created before others, message id byte by byte. */
function newestOf<T extends Told>(told: T[]): T {
  return told.reduce((a, b) => isBefore(orderOf(a), orderOf(b)) ? b : a);
}

/** Sorts after a version of 0, like any time after the epoch. */
function orderOf({ profile: { updatedAt, eventAt }, type, id }: Told): Array<number | string> {
  return [updatedAt === undefined ? 0 : 1 + updatedAt, eventAt, type === "created" ? 0 : 1, id];
}

function isBefore(a: Array<number | string>, b: Array<number | string>): boolean {
  const index = a.findIndex((value, place) => value !== b[place]);
  return index !== -1 && a[index]! < b[index]!;
}

function creationOf({ profile: { createdAt, updatedAt, eventAt } }: Pick<Told, "profile">): number {
  return createdAt ?? updatedAt ?? eventAt;
}
