/**
 * Maps events in tests, with the choices of an adopter.
 *
 * @module
 */
import type { ClerkChange } from "../../../supabase/functions/_clerk-supabase/database/change.ts";
import { changesFromEvent, type EventMapping } from "../../../supabase/functions/_clerk-supabase/clerk/change.ts";

/** The mapping of a project without own columns and own events. */
export const PLAIN: EventMapping = {
  deleteMode: "hard",
  organizationDeleteMode: "hard",
  mapOwn: undefined,
  keepsType: () => false,
};

/** Maps an event; returns the event's own change, without the changes of embedded objects. */
export function changeFromEvent(...event: Parameters<typeof changesFromEvent>): ClerkChange | undefined {
  return changesFromEvent(...event).at(-1);
}
