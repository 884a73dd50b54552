/**
 * What an adopter decides about the mapping of events.
 *
 * @module
 */
import {
  changesFromEvent,
  type ClerkChange,
  type EventMapping,
} from "../../supabase/functions/_shared/clerk/change.ts";

/** The mapping of a project without own columns and own events. */
export const PLAIN: EventMapping = {
  deleteMode: "hard",
  organizationDeleteMode: "hard",
  mapOwn: undefined,
  keepsType: () => false,
};

/** Maps an event; returns the event's own change, without what it brings along. */
export function changeFromEvent(...event: Parameters<typeof changesFromEvent>): ClerkChange | undefined {
  return changesFromEvent(...event).at(-1);
}
