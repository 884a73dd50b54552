/**
 * The simulator's organizations, memberships and invitations, with the indexes that its routes need.
 *
 * @module
 */
import { Collection } from "../collection.ts";
import type { Invitation } from "./invitations.ts";
import type { Membership } from "./memberships.ts";
import type { Organization } from "./organizations.ts";

/** Organizations by id and by slug. */
export class OrganizationStore extends Collection<Organization, "created_at" | "name"> {
  readonly #ids = new Map<string, string>();

  constructor(organizations: Iterable<Organization> = []) {
    super({ created_at: ({ created_at }) => created_at, name: ({ name }) => name });
    this.setAll(organizations);
  }

  /** Returns an organization by slug. */
  findBySlug(slug: string): Organization | undefined {
    return this.get(this.#ids.get(slug) ?? "");
  }

  protected override added({ id, slug }: Organization): void {
    this.#ids.set(slug, id);
  }

  protected override removed({ slug }: Organization): void {
    this.#ids.delete(slug);
  }
}

/** Memberships by id, by organization and by user. */
export class MembershipStore extends Collection<Membership, "created_at"> {
  readonly #byOrganization = new Groups<Membership>();
  readonly #byUser = new Groups<Membership>();

  constructor(memberships: Iterable<Membership> = []) {
    super({ created_at: ({ created_at }) => created_at });
    this.setAll(memberships);
  }

  /** Returns a user's membership in an organization. */
  find(organizationId: string, userId: string): Membership | undefined {
    return this.ofUser(userId).find(({ organization_id }) => organization_id === organizationId);
  }

  /** Returns the memberships of an organization in no particular order. */
  ofOrganization(organizationId: string): Membership[] {
    return this.#byOrganization.get(organizationId);
  }

  /** Returns the memberships of a user in no particular order. */
  ofUser(userId: string): Membership[] {
    return this.#byUser.get(userId);
  }

  protected override added(membership: Membership): void {
    this.#byOrganization.add(membership.organization_id, membership);
    this.#byUser.add(membership.user_id, membership);
  }

  protected override removed(membership: Membership): void {
    this.#byOrganization.remove(membership.organization_id, membership);
    this.#byUser.remove(membership.user_id, membership);
  }
}

/** Invitations by id and by organization. */
export class InvitationStore extends Collection<Invitation, "created_at"> {
  readonly #byOrganization = new Groups<Invitation>();

  constructor(invitations: Iterable<Invitation> = []) {
    super({ created_at: ({ created_at }) => created_at });
    this.setAll(invitations);
  }

  /** Returns the invitations of an organization in no particular order. */
  ofOrganization(organizationId: string): Invitation[] {
    return this.#byOrganization.get(organizationId);
  }

  /** Returns the pending invitations of an organization. */
  pendingOf(organizationId: string): Invitation[] {
    return this.ofOrganization(organizationId).filter(({ status }) => status === "pending");
  }

  protected override added(invitation: Invitation): void {
    this.#byOrganization.add(invitation.organization_id, invitation);
  }

  protected override removed(invitation: Invitation): void {
    this.#byOrganization.remove(invitation.organization_id, invitation);
  }
}

/** Index of items by their owner. */
class Groups<T> {
  readonly #groups = new Map<string, Set<T>>();

  get(key: string): T[] {
    return [...this.#groups.get(key) ?? []];
  }

  add(key: string, item: T): void {
    const group = this.#groups.get(key) ?? new Set();
    this.#groups.set(key, group.add(item));
  }

  remove(key: string, item: T): void {
    const group = this.#groups.get(key);
    group?.delete(item);
    if (group?.size === 0) this.#groups.delete(key);
  }
}
