/**
 * Random histories of organizations, memberships and their users. As in histories of users, times come from ranges so
 * small that ties are frequent, and several memberships share each pair.
 *
 * @module
 */
import fc from "fast-check";
import type { DeleteMode } from "../../supabase/functions/_clerk-supabase/config.ts";
import { EPOCH } from "./history.ts";

/** The times of a message, in milliseconds after the epoch; undefined if the payload omits them. */
interface Times {
  updatedAt: number | undefined;
  createdAt: number | undefined;
  eventAt: number;
}

/** A profile of an organization. */
export interface OrganizationProfile extends Times {
  organization: string;
  name: string;
}

/** A profile of a membership. The pair follows from the id: see {@linkcode pairOf}. */
export interface MembershipProfile extends Times {
  membership: string;
  role: string;
}

/** A message from Clerk, or an object that reconcile fetched, which has no id. */
export type OrganizationMessage =
  | { kind: "user" | "user deleted"; id: string; eventAt: number; user: string }
  | { kind: "organization deleted"; id: string; eventAt: number; organization: string }
  | {
    kind: "organization";
    type: "created" | "updated" | "fetched";
    id: string | undefined;
    profile: OrganizationProfile;
  }
  | {
    kind: "membership";
    type: "created" | "updated" | "fetched";
    id: string | undefined;
    profile: MembershipProfile;
    /** The organization embedded in the event. */
    embedded: OrganizationProfile | undefined;
  }
  | {
    kind: "removal";
    id: string;
    eventAt: number;
    membership: string;
    tellsPair: boolean;
    createdAt: number | undefined;
  };

/** A history. Its seed determines its delivery. */
export interface OrganizationHistory {
  deleteMode: DeleteMode;
  messages: OrganizationMessage[];
  seed: number;
}

/** Returns the organization and the user of a membership: four memberships for each of the six pairs. */
export function pairOf(membership: string): { organization: string; user: string } {
  const number = Number(membership.replace(/\D/g, ""));
  return { organization: `org_${number % 2}`, user: `user_${Math.floor(number / 2) % 3}` };
}

const small = fc.integer({ min: 0, max: 4 });
const organization = fc.constantFrom("org_0", "org_1");
const user = fc.constantFrom("user_0", "user_1", "user_2");
/** Ids whose order by bytes differs from their order by number. */
const membership = fc.integer({ min: 0, max: 23 }).map((number) => `orgmem_${"bA"[number % 5 % 2]}${number}`);

const times = {
  updatedAt: fc.option(small, { nil: undefined, freq: 8 }),
  createdAt: fc.option(small, { nil: undefined, freq: 8 }),
  eventAt: small,
};
const organizationProfile = fc.record({ ...times, organization, name: fc.constantFrom("one", "two", "") });
const type = fc.constantFrom("created" as const, "updated" as const, "updated" as const, "fetched" as const);

const draft = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("user" as const), eventAt: small, user }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("organization" as const), type, profile: organizationProfile }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("membership" as const),
      type,
      profile: fc.record({ ...times, membership, role: fc.constantFrom("org:admin", "org:member") }),
      embedded: fc.option(organizationProfile, { nil: undefined, freq: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("removal" as const),
      eventAt: small,
      membership,
      tellsPair: fc.boolean(),
      createdAt: fc.option(small, { nil: undefined, freq: 2 }),
    }),
  },
);

/** Tombstones are rare and not in every history, because they hide other faults. */
const deletions = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("user deleted" as const), eventAt: small, user }),
    fc.record({ kind: fc.constant("organization deleted" as const), eventAt: small, organization }),
  ),
  { maxLength: 1 },
);

type Draft = (typeof draft | typeof deletions) extends fc.Arbitrary<infer D> ? D extends Array<infer One> ? One : D
  : never;

/** Generates histories of 1 to `maxMessages` messages, and at most one deletion. */
export function organizationHistories(maxMessages: number): fc.Arbitrary<OrganizationHistory> {
  return fc.record({
    deleteMode: fc.constantFrom<DeleteMode[]>("hard", "soft"),
    messages: fc.tuple(fc.array(draft, { minLength: 1, maxLength: maxMessages, size: "max" }), deletions)
      .map(([drafts, deleted]) => [...drafts, ...deleted].map(complete)),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  });
}

/** The position determines ids, which must be unique, and the times of fetched objects, which must differ. */
function complete(given: Draft, index: number): OrganizationMessage {
  const id = `msg_${"zZaA09"[index % 6]}${index}`;
  if (!("profile" in given)) return { ...given, id };
  if (given.type === "fetched") {
    const read = { updatedAt: given.profile.updatedAt ?? 0, eventAt: 1_000 + 10_000 * index };
    const profile = { ...given.profile, ...read };
    return {
      ...given,
      id: undefined,
      profile,
      ...("embedded" in given ? { embedded: undefined } : {}),
    } as OrganizationMessage;
  }
  if (given.kind === "organization" || given.embedded === undefined) return { ...given, id } as OrganizationMessage;
  // The embedded organization has the membership event's time.
  const embedded = {
    ...given.embedded,
    organization: pairOf(given.profile.membership).organization,
    eventAt: given.profile.eventAt,
  };
  return { ...given, id, embedded };
}

const moment = (offset: number | undefined) => offset === undefined ? undefined : EPOCH + offset;

/** Returns the changes of a message in the form that the call accepts. */
export function changesOf(message: OrganizationMessage, deleteMode: DeleteMode, attempt: number): unknown[] {
  const sent = { sent_at: EPOCH + 100_000 + attempt, message_id: message.id };
  switch (message.kind) {
    case "user":
    case "user deleted": {
      const at = { event_at: moment(message.eventAt), updated_at: moment(message.eventAt) };
      const type = message.kind === "user" ? "user.updated" : "user.deleted";
      return [{ ...sent, ...at, type, user_id: message.user, delete_mode: deleteMode }];
    }
    case "organization deleted": {
      const at = { event_at: moment(message.eventAt), delete_mode: deleteMode };
      return [{ ...sent, ...at, type: "organization.deleted", organization_id: message.organization }];
    }
    case "organization":
      return [{ ...sent, ...organizationFields(message.profile), type: `organization.${message.type}` }];
    case "membership": {
      const embedded = message.embedded && {
        ...sent,
        ...organizationFields(message.embedded),
        type: "organization.fetched",
        message_id: undefined,
        carried_by: message.id,
      };
      const { membership, role } = message.profile;
      const own = { ...timeFields(message.profile), ...pairFields(membership), membership_id: membership, role };
      return [...embedded ? [embedded] : [], { ...sent, ...own, type: `organizationMembership.${message.type}` }];
    }
    case "removal": {
      const told = { event_at: moment(message.eventAt), created_at: moment(message.createdAt) };
      const pair = message.tellsPair ? pairFields(message.membership) : {};
      return [{ ...sent, ...told, ...pair, type: "organizationMembership.deleted", membership_id: message.membership }];
    }
  }
}

function organizationFields(profile: OrganizationProfile): Record<string, unknown> {
  return { ...timeFields(profile), organization_id: profile.organization, name: profile.name };
}

function pairFields(membership: string): Record<string, string> {
  const { organization, user } = pairOf(membership);
  return { organization_id: organization, user_id: user };
}

function timeFields({ updatedAt, createdAt, eventAt }: Times): Record<string, unknown> {
  return { updated_at: moment(updatedAt), created_at: moment(createdAt), event_at: moment(eventAt) };
}
