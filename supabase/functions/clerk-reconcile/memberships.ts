/**
 * Reads memberships from Clerk for backfills, and looks them up for sweeps.
 *
 * @module
 */
import type { ClerkPage, ListQuery, OrganizationsApi } from "../_clerk-supabase/clerk/organizations_api.ts";
import type { ApplyChanges } from "../_clerk-supabase/database/apply_changes.ts";
import { isObject } from "../_clerk-supabase/formats/json.ts";
import type { ApplyItems } from "./apply_items.ts";
import { readByOffset } from "./offset_reader.ts";
import { type BackfillProgress, type KnownRow, type Part, type ReconcileState, TASK_NAMES } from "./state.ts";
import type { Presence, RowSource, SweptKind } from "./sweep.ts";
import type { Reader, Reading } from "./backfill.ts";

/** Rows to read at once. Most of them were seen by the backfill and need no request to Clerk. */
const ROWS_PER_PAGE = 250;
/** Each of them may take a request of its own, if all belong to different organizations. */
const IDS_PER_LOOKUP = 10;

/** Dependencies of the reader. */
export interface MembershipsReaderDeps {
  clerk: Pick<OrganizationsApi, "listMemberships" | "listMembershipsOf">;
  /** The organizations' rows. */
  listOrganizationRows: RowSource["listRows"];
  /** The kind of task that reads. */
  purpose: "backfill" | "compare";
  /** Returns the current time, in ISO 8601. */
  now: () => string;
}

/**
 * Creates the reader of memberships. It reads the list of the whole instance or, if that list is not in order, the list
 * of each organization.
 *
 * @param deps Clerk and the organizations.
 * @returns The reader.
 */
export function createMembershipsReader(deps: MembershipsReaderDeps): Reader {
  return {
    begin: (state) => Promise.resolve(beginBackfill(state, deps)),
    read: (progress) => progress.part ? readOrganization(deps, progress, progress.part) : readInstance(deps, progress),
  };
}

/** If the backfill of organizations has just found none, there are no memberships, and this backfill is finished. */
function beginBackfill(
  state: ReconcileState,
  { purpose, now }: MembershipsReaderDeps,
): Partial<BackfillProgress> {
  const { finished_at, items = 0, is_disabled } = state[TASK_NAMES.organizations[purpose]] ?? {};
  if (finished_at === undefined || items > 0) return {};
  return { finished_at: now(), ...(is_disabled && { is_disabled }) };
}

function readInstance(
  deps: MembershipsReaderDeps,
  progress: BackfillProgress,
): Promise<Reading> {
  return readByOffset(deps.clerk.listMemberships, progress, {
    without: () => Promise.resolve({ progress: { ...progress, is_disabled: true }, isLast: true }),
    unordered: (total) => toNextOrganization(deps, { ...progress, items: 0, total }, ""),
  });
}

/** Reads a page of one organization's memberships. Most organizations have only one page. */
async function readOrganization(
  deps: MembershipsReaderDeps,
  progress: BackfillProgress,
  { id, before }: Part,
): Promise<Reading> {
  const list = (query: ListQuery) => deps.clerk.listMembershipsOf(id, query);
  const own: BackfillProgress = { ...progress, items: progress.items - before };
  // Without a list, the organization was deleted meanwhile.
  const without = () => Promise.resolve({ progress: own, isLast: true });
  const { progress: next, page, size = 0, isLast } = await readByOffset(list, own, {
    without,
  });
  // The total comes from the list of the whole instance.
  const summed: BackfillProgress = {
    ...next,
    items: before + next.items,
    total: progress.total,
  };
  const onwards = isLast ? await toNextOrganization(deps, summed, id) : { progress: summed };
  return { ...onwards, size, ...(page && { page }) };
}

async function toNextOrganization(
  { listOrganizationRows }: MembershipsReaderDeps,
  { offset: _offset, last: _last, setbacks: _setbacks, part: _part, ...progress }: BackfillProgress,
  after: string,
): Promise<Reading> {
  const [row] = await listOrganizationRows(after, 1);
  if (row?.organization_id === undefined) return { progress, isLast: true };
  return {
    progress: { ...progress, part: { id: row.organization_id, before: progress.items } },
  };
}

/** Dependencies of the memberships' sweep. */
export interface SweptMembershipsDeps extends RowSource {
  clerk: Pick<OrganizationsApi, "listMembershipsOf">;
  apply: ApplyChanges;
  applyItems: ApplyItems;
}

/**
 * Creates the sweep's access to memberships. The list of their organization shows whether they exist. If the
 * organization itself is gone, the sweep of organizations handles it.
 *
 * @param deps Clerk, the rows and the write path.
 * @returns The kind.
 */
export function createSweptMemberships(
  { clerk, apply, applyItems, ...rows }: SweptMembershipsDeps,
): SweptKind {
  return {
    kind: "memberships",
    ...rows,
    size: ROWS_PER_PAGE,
    lookups: IDS_PER_LOOKUP,
    idOf,
    cursorOf: ({ organization_id, membership_id }) => `${organization_id}/${membership_id}`,
    lookUp: async (asked) => {
      const lists: Presence[] = [];
      for (const [organizationId, members] of groupByOrganization(asked)) {
        lists.push(await lookUpIn(clerk, organizationId, members));
      }
      return {
        present: union(lists.map(({ present }) => present)),
        unproved: union(lists.map(({ unproved = new Set() }) => unproved)),
        answeredAt: Math.min(...lists.map(({ answeredAt }) => answeredAt)),
        size: lists.reduce((sum, { size }) => sum + size, 0),
      };
    },
    settle: async (row) => {
      const { organization_id: organizationId = "", user_id = "" } = row;
      const page = await clerk.listMembershipsOf(organizationId, {
        limit: IDS_PER_LOOKUP,
        user_id: [user_id],
      });
      if (!page) return { results: [], isGone: false };
      const { items, answeredAt } = page;
      if (!isOf([user_id], page)) return { results: [], isGone: false };
      if (items.some(({ id }) => id === idOf(row))) {
        return { results: await applyItems(items, answeredAt), isGone: false };
      }
      const [outcome] = await apply([{
        type: "organizationMembership.deleted",
        membership_id: idOf(row),
        organization_id: organizationId,
        user_id,
        sent_at: answeredAt,
        event_at: answeredAt,
      }]);
      return {
        results: [{ membership_id: idOf(row), ...outcome! }],
        isGone: true,
      };
    },
  };
}

async function lookUpIn(
  clerk: Pick<OrganizationsApi, "listMembershipsOf">,
  organizationId: string,
  members: readonly KnownRow[],
): Promise<Presence> {
  const users = members.map(({ user_id = "" }) => user_id);
  const page = await clerk.listMembershipsOf(organizationId, {
    limit: IDS_PER_LOOKUP,
    user_id: users,
  });
  if (!page) {
    return {
      present: new Set(),
      unproved: new Set(members.map(idOf)),
      answeredAt: Infinity,
      size: 0,
    };
  }
  const unproved = isOf(users, page) ? undefined : new Set(members.map(idOf));
  return {
    present: new Set(page.items.map(({ id }) => id)),
    answeredAt: page.answeredAt,
    size: page.size,
    ...(unproved && { unproved }),
  };
}

/**
 * Returns false for a list that ignored the requested users: it has the organization's first members, and proves
 * nothing.
 */
function isOf(users: readonly string[], { items }: ClerkPage): boolean {
  return items.every(({ public_user_data: user }) => isObject(user) && users.some((id) => id === user.user_id));
}

function groupByOrganization(
  rows: readonly KnownRow[],
): Map<string, KnownRow[]> {
  const groups = new Map<string, KnownRow[]>();
  for (const row of rows) {
    const { organization_id: id = "" } = row;
    groups.set(id, [...groups.get(id) ?? [], row]);
  }
  return groups;
}

function union(sets: ReadonlyArray<ReadonlySet<string>>): Set<string> {
  return new Set(sets.flatMap((set) => [...set]));
}

function idOf({ membership_id = "" }: KnownRow): string {
  return membership_id;
}
