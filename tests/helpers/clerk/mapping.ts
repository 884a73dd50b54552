/**
 * What an adopter decides about the mapping of events.
 *
 * @module
 */
import type { EventMapping } from "../../../supabase/functions/_clerk-supabase/clerk/change.ts";

/** The mapping of a project without own columns and own events. */
export const PLAIN: EventMapping = { deleteMode: "hard", mapOwn: undefined, keepsType: () => false };
