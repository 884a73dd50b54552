/**
 * The fields of a user that tutorials store.
 *
 * @module
 */

/** The part of Clerk's event that is read. */
export interface UserEvent {
  type: string;
  data: UserData;
}

/** A user, as Clerk lists it. */
export interface UserData {
  id: string;
  email_addresses: Array<{ id: string; email_address: string }>;
  primary_email_address_id: string | null;
  first_name: string | null;
  last_name: string | null;
  image_url: string;
  username: string | null;
  created_at: number;
  updated_at: number;
  last_sign_in_at: number | null;
  public_metadata: unknown;
}

/** The row of a user. */
export function rowOf(user: UserData) {
  const primary = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
  return {
    clerk_user_id: user.id,
    email: primary?.email_address ?? null,
    first_name: user.first_name,
    last_name: user.last_name,
    profile_image_url: user.image_url,
    username: user.username,
    created_at: new Date(user.created_at).toISOString(),
    updated_at: new Date(user.updated_at).toISOString(),
    last_sign_in_at: user.last_sign_in_at === null ? null : new Date(user.last_sign_in_at).toISOString(),
    metadata: user.public_metadata,
  };
}
