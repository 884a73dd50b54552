/**
 * Computes the expected state from a set of messages alone. Written from the design, not from the SQL, and independent
 * of deliveries.
 *
 * @module
 */
import type { History, Message, Profile } from "./history.ts";

/** The part of a live user that clients see. Times are milliseconds after the histories' epoch. */
export interface LiveRow {
  email: string | null;
  emailVerified: boolean;
  firstName: string | null;
  metadata: Record<string, number>;
  /** An own column. */
  phone: string | null;
  createdAt: number;
  lastSignInAt: number | null;
}

/** The state after a history. */
export interface State {
  live: Record<string, LiveRow>;
  /** Users that are permanently deleted, sorted. */
  deleted: string[];
}

/** The newest profile of a live user. */
interface Newest {
  profile: Profile;
  version: number;
}

/** Returns the state after a history, which does not depend on its delivery. */
export function expectedState({ messages }: History): State {
  const deleted = new Set(messages.flatMap((message) => message.kind === "deleted" ? [message.user] : []));
  const users = new Set(messages.flatMap((message) => "profile" in message ? [message.profile.user] : []));
  const newest = new Map<string, Newest>();
  for (const user of users) {
    if (!deleted.has(user)) newest.set(user, newestOf(messages, user));
  }
  const live: Record<string, LiveRow> = {};
  for (const [user, { profile }] of newest) {
    const isHolder = holderOf(newest, profile.email) === user;
    live[user] = {
      email: isHolder ? profile.email! : null,
      emailVerified: isHolder && profile.verified,
      firstName: profile.firstName ?? null,
      metadata: profile.metadata,
      phone: profile.phone,
      createdAt: Math.min(...profilesOf(messages, user).map(createdAt)),
      lastSignInAt: latest(signInsOf(messages, user)),
    };
  }
  return { live, deleted: [...deleted].sort() };
}

type ProfileMessage = Extract<Message, { profile: Profile }>;

function profilesOf(messages: Message[], user: string): ProfileMessage[] {
  return messages.filter((message): message is ProfileMessage => "profile" in message && message.profile.user === user);
}

/** Compares versions: updated_at, event time, created before updated, message id byte by byte. */
function newestOf(messages: Message[], user: string): Newest {
  const [first] = profilesOf(messages, user).sort((a, b) => compare(orderOf(b), orderOf(a)));
  return {
    profile: first!.profile,
    version: first!.profile.updatedAt === undefined ? 0 : EPOCHAL + first!.profile.updatedAt,
  };
}

/** Sorts after a version of 0, like any time after the epoch. */
const EPOCHAL = 1;

function orderOf(message: ProfileMessage): Array<number | string> {
  const { updatedAt } = message.profile;
  const eventAt = message.kind === "fetched" ? message.answeredAt : message.timestamp;
  return [
    updatedAt === undefined ? 0 : EPOCHAL + updatedAt,
    eventAt === undefined ? 0 : EPOCHAL + eventAt,
    message.kind === "created" ? 0 : 1,
    message.kind === "fetched" ? "" : message.id,
  ];
}

function compare(a: Array<number | string>, b: Array<number | string>): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]!;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** Returns the live claimant that ranks first: verified, then the greater version, then the greater user id. */
function holderOf(newest: Map<string, Newest>, email: string | undefined): string | undefined {
  const claimants = [...newest].filter(([, { profile }]) => profile.email?.toLowerCase() === email?.toLowerCase());
  if (email === undefined) return undefined;
  const rank = ([user, { profile, version }]: [string, Newest]) => [profile.verified ? 1 : 0, version, user];
  return claimants.sort((a, b) => compare(rank(b), rank(a)))[0]?.[0];
}

function createdAt({ profile, ...message }: ProfileMessage): number {
  const eventAt = message.kind === "fetched" ? message.answeredAt : message.timestamp;
  return profile.createdAt ?? profile.updatedAt ?? eventAt!;
}

function signInsOf(messages: Message[], user: string): number[] {
  return messages.flatMap((message) => {
    if (message.kind === "signed in") return message.user === user ? [message.at] : [];
    if (!("profile" in message) || message.profile.user !== user) return [];
    return message.profile.lastSignInAt === undefined ? [] : [message.profile.lastSignInAt];
  });
}

function latest(moments: number[]): number | null {
  return moments.length === 0 ? null : Math.max(...moments);
}
