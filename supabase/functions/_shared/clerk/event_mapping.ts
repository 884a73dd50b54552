/**
 * What an adopter decides about the mapping of events, from variables and from `clerk_columns.ts`.
 *
 * @module
 */
import type { WebhookConfig } from "../config.ts";
import type { EventMapping } from "./change.ts";
import { createTypeTest } from "./kept_types.ts";
import { createOwnColumnsMapping, type OwnColumns } from "./own_columns.ts";

/**
 * Composes the mapping of events.
 *
 * @param config The delete modes, and which events are kept.
 * @param ownColumns The adopter's columns.
 * @returns The decisions that `changesFromEvent` asks for.
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
