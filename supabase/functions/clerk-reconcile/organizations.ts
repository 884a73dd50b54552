/**
 * Organizations, for backfills and sweeps.
 *
 * @module
 */
import type { OrganizationsApi } from "../_clerk-supabase/clerk/organizations_api.ts";
import type { DeleteMode } from "../_clerk-supabase/config.ts";
import type { ApplyChanges } from "../_clerk-supabase/database/apply_changes.ts";
import type { ApplyItems } from "./apply_items.ts";
import { readByOffset } from "./offset_reader.ts";
import type { KnownRow } from "./state.ts";
import type { RowSource, SweptKind } from "./sweep.ts";
import type { Reader } from "./backfill.ts";

/** How many rows to read at once: most were seen by the backfill, and cost Clerk nothing. */
const ROWS_PER_PAGE = 250;
/** Clerk takes up to 100 ids at once; half of that keeps the memory small, whatever the organizations' metadata. */
const IDS_PER_LOOKUP = 50;

/**
 * Creates the reader of organizations. An instance without organizations has an empty list.
 *
 * @param clerk The Backend API.
 * @returns The reader.
 */
export function createOrganizationsReader(clerk: Pick<OrganizationsApi, "listOrganizations">): Reader {
  return {
    begin: () => Promise.resolve({}),
    read: (progress) =>
      readByOffset(clerk.listOrganizations, progress, {
        without: () =>
          Promise.resolve({
            progress: { ...progress, is_disabled: true },
            isLast: true,
          }),
      }),
  };
}

/** Dependencies of the organizations' sweep. */
export interface SweptOrganizationsDeps extends RowSource {
  clerk: Pick<OrganizationsApi, "listOrganizations" | "findOrganization">;
  apply: ApplyChanges;
  applyItems: ApplyItems;
  deleteMode: DeleteMode;
}

/**
 * Creates what a sweep knows of organizations.
 *
 * @param deps Clerk, the rows and the write path.
 * @returns The kind.
 */
export function createSweptOrganizations(
  { clerk, apply, applyItems, deleteMode, ...rows }: SweptOrganizationsDeps,
): SweptKind {
  return {
    kind: "organizations",
    ...rows,
    size: ROWS_PER_PAGE,
    lookups: IDS_PER_LOOKUP,
    idOf,
    cursorOf: idOf,
    lookUp: async (asked) => {
      const page = await clerk.listOrganizations({ limit: IDS_PER_LOOKUP, organization_id: asked.map(idOf) });
      // Nothing is said of any organization if the instance has none at all.
      if (!page) return { present: new Set(), unproved: new Set(asked.map(idOf)), answeredAt: 0, size: 0 };
      return { present: new Set(page.items.map(({ id }) => id)), answeredAt: page.answeredAt, size: page.size };
    },
    settle: async (row) => {
      const { organization, isGone, answeredAt } = await clerk.findOrganization(idOf(row));
      if (!isGone) return { results: await applyItems(organization ? [organization] : [], answeredAt), isGone };
      const [outcome] = await apply([{
        type: "organization.deleted",
        organization_id: idOf(row),
        sent_at: answeredAt,
        event_at: answeredAt,
        delete_mode: deleteMode,
      }]);
      return { results: [{ organization_id: idOf(row), ...outcome! }], isGone };
    },
  };
}

function idOf({ organization_id = "" }: KnownRow): string {
  return organization_id;
}
