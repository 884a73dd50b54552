/**
 * Clerk's organizations and memberships in memory, behind the interface of the Backend API, and tables that they are
 * applied to.
 *
 * @module
 */
import type {
  ClerkObject,
  ClerkPage,
  OrganizationsApi,
} from "../../../supabase/functions/_clerk-supabase/clerk/organizations_api.ts";
import type { ApplyChanges, Outcome } from "../../../supabase/functions/_clerk-supabase/database/apply_changes.ts";
import type { ItemMapping } from "../../../supabase/functions/clerk-reconcile/apply_items.ts";
import type { KnownRow } from "../../../supabase/functions/clerk-reconcile/state.ts";
import type { RowSource } from "../../../supabase/functions/clerk-reconcile/sweep.ts";

/** A membership as Clerk sends it. */
export type FakeMembership = ClerkObject & { organization: { id: string }; public_user_data: { user_id: string } };

/** A Clerk with organizations. Tests change the maps directly; lists have the order of the maps. */
export interface FakeOrganizations extends OrganizationsApi {
  organizations: Map<string, ClerkObject>;
  memberships: Map<string, FakeMembership>;
  /** Ids that lists omit although the objects exist. */
  forgotten: Set<string>;
  isDisabled: boolean;
  /** The requests, one line each. */
  asked: string[];
  /** Clerk's clock. */
  time: number;
}

const number = (index: number) => String(index).padStart(6, "0");

/** Creates a Clerk with organizations and members, created a second apart. */
export function createFakeOrganizations(count: number, membersEach: number, time: number): FakeOrganizations {
  const organizations = new Map<string, ClerkObject>();
  const memberships = new Map<string, FakeMembership>();
  for (let index = 0; index < count; index++) {
    const id = `org_${number(index)}`;
    const at = time - (count - index) * 1_000;
    organizations.set(id, { id, name: id, public_metadata: {}, created_at: at, updated_at: at });
    for (let member = 0; member < membersEach; member++) addMembership(memberships, id, `user_${number(member)}`, at);
  }
  const clerk: FakeOrganizations = {
    organizations,
    memberships,
    forgotten: new Set(),
    isDisabled: false,
    asked: [],
    time,
    findOrganization: (id) => {
      clerk.asked.push(`find ${id}`);
      const organization = organizations.get(id);
      const isGone = organization === undefined && !clerk.isDisabled;
      return Promise.resolve({ organization, isGone, answeredAt: clerk.time });
    },
    listOrganizations: ({ organization_id: ids, ...query }) => {
      clerk.asked.push(ids ? `organizations ${ids.length} ids` : `organizations ${query.offset}`);
      const found = [...organizations.values()].filter(({ id }) => !ids || ids.includes(id));
      return answer(clerk, found, query);
    },
    listMemberships: (query) => {
      clerk.asked.push(`memberships ${query.offset}`);
      return answer(clerk, [...memberships.values()], query);
    },
    listMembershipsOf: (organizationId, { user_id: users, ...query }) => {
      clerk.asked.push(`members of ${organizationId}${users ? `: ${users.length}` : ` ${query.offset}`}`);
      if (!organizations.has(organizationId)) return Promise.resolve(undefined);
      const found = [...memberships.values()].filter(({ organization, public_user_data: { user_id } }) =>
        organization.id === organizationId && (!users || users.includes(user_id))
      );
      return answer(clerk, found, query);
    },
  };
  return clerk;
}

/** Adds a member who joined at a time. */
export function addMembership(to: Map<string, FakeMembership>, organization: string, user: string, at: number): string {
  const id = `orgmem_${number(to.size)}`;
  const times = { created_at: at, updated_at: at };
  const role = "org:member";
  to.set(id, { id, role, ...times, organization: { id: organization }, public_user_data: { user_id: user } });
  return id;
}

function answer(
  { isDisabled, forgotten, time }: FakeOrganizations,
  found: ClerkObject[],
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<ClerkPage | undefined> {
  if (isDisabled) return Promise.resolve(undefined);
  const items = found.filter(({ id }) => !forgotten.has(id)).slice(offset, offset + limit);
  return Promise.resolve({ items, total: found.length, answeredAt: time, size: 1_000, limit });
}

/** Mappings of organizations and memberships to changes, limited to the fields that these tests check. */
export const MAPPINGS: Record<"organizations" | "memberships", ItemMapping> = {
  organizations: {
    changeOf: ({ id, updated_at }, at) => ({
      type: "organization.fetched",
      organization_id: id,
      updated_at: Number(updated_at),
      sent_at: at,
      event_at: at,
    }),
    idOf: (id) => ({ organization_id: id }),
  },
  memberships: {
    changeOf: (item, at) => {
      const { id, updated_at, organization, public_user_data } = item as FakeMembership;
      return {
        type: "organizationMembership.fetched",
        membership_id: id,
        organization_id: organization.id,
        user_id: public_user_data.user_id,
        updated_at: Number(updated_at),
        sent_at: at,
        event_at: at,
      };
    },
    idOf: (id) => ({ membership_id: id }),
  },
};

/** A table of one kind, by id. */
export interface FakeRows extends RowSource {
  rows: Map<string, KnownRow>;
  tombstones: Set<string>;
  /** Ids that the schema refuses. */
  refused: Set<string>;
  apply: ApplyChanges;
  /** The sizes of the calls. */
  calls: number[];
}

/** Creates an empty table. `knownSince` returns when the database first received a row. */
export function createFakeRows(knownSince: (id: string) => number = () => 0): FakeRows {
  const table: FakeRows = {
    rows: new Map(),
    tombstones: new Set(),
    refused: new Set(),
    calls: [],
    apply: (changes) => {
      table.calls.push(changes.length);
      return Promise.resolve(changes.map((change): Outcome => {
        const { membership_id, organization_id, user_id, type, event_at } = change;
        const id = membership_id ?? organization_id ?? "";
        if (type.endsWith(".deleted")) {
          table.tombstones.add(id);
          return { outcome: table.rows.delete(id) ? "deleted" : "unchanged" };
        }
        if (table.refused.has(id)) return { outcome: "refused", code: "SCHEMA_REFUSED" };
        if (table.tombstones.has(id)) return { outcome: "stale", deleted: true };
        const outcome = table.rows.has(id) ? "unchanged" : "created";
        const ids = membership_id ? { membership_id, organization_id, user_id } : { organization_id };
        table.rows.set(
          id,
          { ...ids, live: true, newest_at: Number(event_at), known_since: knownSince(id) } as KnownRow,
        );
        return { outcome };
      }));
    },
    listRows: (after, size) => {
      const cursor = ({ membership_id, organization_id }: KnownRow) =>
        membership_id ? `${organization_id}/${membership_id}` : organization_id ?? "";
      const sorted = [...table.rows.values()].sort((a, b) => cursor(a) < cursor(b) ? -1 : 1);
      return Promise.resolve(sorted.filter((row) => cursor(row) > after).slice(0, size));
    },
    countRows: (knownBefore = Infinity) =>
      Promise.resolve([...table.rows.values()].filter(({ known_since }) => known_since < knownBefore).length),
  };
  return table;
}
