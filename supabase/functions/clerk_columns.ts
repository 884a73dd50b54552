/**
 * Your own columns of `public.users`, and what of Clerk's user goes into each. This file is yours: `add` writes it once
 * and never changes it. It is not in a folder of the bundle's because those are replaced by updates, and the Supabase
 * CLI uploads it because the functions import it by its relative path.
 *
 * Add the column in a migration of your own first, then a line here:
 *
 *   phone_number: (user) =>
 *     user.phone_numbers.find(({ id }) => id === user.primary_phone_number_id)?.phone_number ?? null,
 *   external_id: (user) => user.external_id,
 *   banned: (user) => user.banned,
 *
 * `undefined` leaves a column as it is. A function that throws has its user refused, by the column's name. Each user can
 * read these columns of its own row. docs/own-columns-and-events.md has the steps.
 */
import type { OwnColumns } from "./_clerk-supabase/clerk/own_columns.ts";

/** A function for each own column, by the column's name. */
export const ownColumns = {} satisfies OwnColumns;
