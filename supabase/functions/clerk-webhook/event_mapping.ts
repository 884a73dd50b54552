/**
 * Reads the adopter's settings for the mapping of events, from variables and from `clerk_columns.ts`.
 *
 * @module
 */
import type { WebhookConfig } from "../_clerk-supabase/config.ts";
import type { EventMapping } from "../_clerk-supabase/clerk/change.ts";
import { createTypeTest } from "../_clerk-supabase/formats/type_patterns.ts";
import { createOwnColumnsMapping, type OwnColumns } from "../_clerk-supabase/clerk/own_columns.ts";

/**
 * Creates the settings for the mapping of events.
 *
 * @param config The delete modes, and the types of events to keep.
 * @param ownColumns The adopter's columns.
 * @returns The settings for `changesFromEvent`.
 */
export function createEventMapping(
  { deleteMode, organizationDeleteMode, keepEvents }: WebhookConfig,
  ownColumns: OwnColumns,
): EventMapping {
  return {
    deleteMode,
    organizationDeleteMode,
    mapOwn: createOwnColumnsMapping(ownColumns),
    keepsType: createTypeTest(keepEvents),
  };
}
