/**
 * Reads organizations from Clerk for backfills, and looks them up for sweeps.
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

/** Rows to read at once. Most of them were seen by the backfill and need no request to Clerk. */
const ROWS_PER_PAGE = 250;
/** Clerk allows 100 ids per request. Half of that limits the memory for organizations with much metadata. */
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
 * Creates the sweep's access to organizations.
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
      // In an instance without organizations, the response proves nothing about any of them.
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
