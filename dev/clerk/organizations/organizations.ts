/**
 * Creates and changes organizations.
 *
 * @module
 */
import { createId } from "../keys.ts";
import type { NewId } from "../users.ts";

/** Metadata of any kind. */
export type Metadata = Record<string, unknown>;

/** An organization. Times are in milliseconds. */
export interface Organization {
  id: string;
  object: "organization";
  name: string;
  slug: string;
  image_url: string;
  has_image: boolean;
  /** 0 means no limit. */
  max_allowed_memberships: number;
  admin_delete_enabled: boolean;
  public_metadata: Metadata;
  private_metadata: Metadata;
  created_by?: string;
  created_at: number;
  updated_at: number;
}

/** The Backend API's input to create or update an organization. */
export interface OrganizationInput {
  name?: string;
  slug?: string;
  max_allowed_memberships?: number;
  admin_delete_enabled?: boolean;
  public_metadata?: Metadata;
  private_metadata?: Metadata;
  created_by?: string;
}

/**
 * Returns a new organization.
 *
 * @param input The caller's input.
 * @param slug The slug.
 * @param now The time in milliseconds.
 * @param newId Creates an id from a prefix and a time.
 * @returns The organization.
 */
export function createOrganization(
  input: OrganizationInput,
  slug: string,
  now: number,
  newId: NewId = createId,
): Organization {
  const id = newId("org", now);
  return {
    id,
    object: "organization",
    name: "",
    image_url: `https://img.clerk.com/${id}`,
    has_image: false,
    max_allowed_memberships: 0,
    admin_delete_enabled: true,
    public_metadata: {},
    private_metadata: {},
    ...withoutUndefined(input),
    slug,
    created_at: now,
    updated_at: now,
  };
}

/**
 * Returns a changed copy of an organization.
 *
 * @param organization The current organization.
 * @param input The changes.
 * @param now The time in milliseconds. The new version is later even within the same millisecond.
 * @returns The changed organization.
 */
export function updateOrganization(
  organization: Organization,
  { created_by: _, ...input }: OrganizationInput,
  now: number,
): Organization {
  return { ...organization, ...withoutUndefined(input), updated_at: Math.max(now, organization.updated_at + 1) };
}

/**
 * Derives a slug from a name, as Clerk does if none is given.
 *
 * @param name The organization's name.
 * @param isTaken Checks whether another organization has a slug.
 * @param now The time in milliseconds, which makes the slug unique among organizations of the same name.
 * @returns An unused slug.
 */
export function slugOf(name: string, isTaken: (slug: string) => boolean, now: number): string {
  const plain = name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "") || "org";
  if (!isTaken(plain)) return plain;
  let suffix = now;
  while (isTaken(`${plain}-${suffix}`)) suffix++;
  return `${plain}-${suffix}`;
}

function withoutUndefined<T extends object>(input: T): T {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as T;
}
