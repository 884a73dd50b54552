/**
 * Your own columns of `public.users`, each with a function that reads Clerk's user. This file is yours: `add` writes it
 * once and never changes it. It is outside of the bundle's folders, because updates replace those. The Supabase CLI
 * uploads it, because the functions import it by its relative path.
 *
 * First add the column in your own migration, then add a line here:
 *
 *   phone_number: (user) =>
 *     user.phone_numbers.find(({ id }) => id === user.primary_phone_number_id)?.phone_number ?? null,
 *   external_id: (user) => user.external_id,
 *   banned: (user) => user.banned,
 *
 * `undefined` leaves a column unchanged. If a function throws, its user is refused and the error names the column.
 * Users can read these columns of their own rows. docs/own-columns-and-events.md describes the steps.
 */
import type { OwnColumns } from "./_clerk-supabase/clerk/own_columns.ts";

/** A function for each own column, by the column's name. */
export const ownColumns = {} satisfies OwnColumns;
