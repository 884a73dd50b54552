/**
 * The server that the suites measure on, and the table that tutorials upsert into.
 *
 * @module
 */
/** The memory of a small server, and a disk that counts. */
export const SMALL_SERVER = { fsync: "on", shared_buffers: "1GB", max_wal_size: "4GB" };

/** Creates the table with the columns and indexes of `public.users`, and no row. */
export const PLAIN_USERS = `
  create table public.plain_users (like public.users including all);
  grant select, insert, update, delete on public.plain_users to service_role;`;
