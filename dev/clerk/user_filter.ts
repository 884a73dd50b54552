/**
 * Parses the filters of Clerk's list of users.
 *
 * @module
 */
import { invalidParameter } from "./errors.ts";
import { readList } from "./parameters.ts";
import type { MembershipStore } from "./organizations/stores.ts";
import type { Handle } from "./user_handles.ts";
import type { UserFilter } from "./user_store.ts";
import type { User } from "./users.ts";

/** Returns whether a user matches a parameter. */
type Test = (user: User) => boolean;

const HANDLES: readonly Handle[] = ["email_address", "phone_number", "username", "external_id"];
const TIMES = ["created_at", "last_active_at", "last_sign_in_at"] as const;

/** The fields that each parameter for partial texts searches. */
const TEXTS: Record<string, (user: User) => Array<string | null>> = {
  email_address_query: ({ email_addresses }) => email_addresses.map(({ email_address }) => email_address),
  phone_number_query: ({ phone_numbers }) => phone_numbers.map(({ phone_number }) => phone_number),
  username_query: ({ username }) => [username],
  name_query: ({ first_name, last_name }) => [first_name, last_name, `${first_name ?? ""} ${last_name ?? ""}`],
};
const QUERIES: Record<string, (user: User) => Array<string | null>> = {
  ...TEXTS,
  query: (user) => [user.id, ...Object.values(TEXTS).flatMap((textsOf) => textsOf(user))],
};

/** The parameters that {@linkcode readUserFilter} reads. */
export const USER_FILTERS: readonly string[] = [
  ...["user_id", "organization_id", "web3_wallet", "banned", "last_active_at_since"],
  ...HANDLES,
  ...Object.keys(QUERIES),
  ...TIMES.flatMap((name) => [`${name}_before`, `${name}_after`]),
];

/**
 * Parses the filters of Clerk's list of users.
 *
 * @param parameters The query string.
 * @param memberships The memberships, for the filter by organization.
 * @returns The filter.
 * @throws {ClerkError} 422 if a parameter is invalid.
 */
export function readUserFilter(parameters: URLSearchParams, memberships: MembershipStore): UserFilter {
  const ids = readSigned(parameters, "user_id");
  const externalIds = readSigned(parameters, "external_id");
  const handles = HANDLES.flatMap((handle) => {
    const values = handle === "external_id" ? externalIds.included : readList(parameters, handle);
    return values ? [{ handle, values }] : [];
  });
  const tests: Test[] = [
    ...readQueries(parameters),
    ...readTimes(parameters),
    ...readBanned(parameters),
    ...readOrganizations(parameters, memberships),
    // The simulator has no web3 wallets, so no user matches.
    ...(readList(parameters, "web3_wallet") ? [() => false] : []),
    ...ids.excluded.map((id): Test => (user) => user.id !== id),
    ...externalIds.excluded.map((id): Test => (user) => user.external_id !== id),
  ];
  const accepts = tests.length === 0 ? undefined : (user: User) => tests.every((test) => test(user));
  return { userIds: ids.included, handles, accepts };
}

/** Parses ids to include, with an optional `+`, and ids to exclude, with `-`. */
function readSigned(parameters: URLSearchParams, name: string): { included: string[] | undefined; excluded: string[] } {
  const ids = readList(parameters, name) ?? [];
  const excluded = ids.flatMap((id) => id.startsWith("-") ? [id.slice(1)] : []);
  const included = ids.flatMap((id) => id.startsWith("-") ? [] : [id.replace(/^[+ ]/, "")]);
  return { included: included.length === 0 ? undefined : included, excluded };
}

function readQueries(parameters: URLSearchParams): Test[] {
  return Object.entries(QUERIES).flatMap(([name, textsOf]) => {
    const part = parameters.get(name)?.toLowerCase();
    if (!part) return [];
    return [(user: User) => textsOf(user).some((text) => text?.toLowerCase().includes(part))];
  });
}

function readTimes(parameters: URLSearchParams): Test[] {
  const bounds = TIMES.flatMap((name) => {
    const before = readTime(parameters, `${name}_before`);
    const after = readTime(parameters, `${name}_after`);
    return [
      before === undefined ? [] : [(user: User) => user[name] !== null && user[name] < before],
      after === undefined ? [] : [(user: User) => user[name] !== null && user[name] > after],
    ].flat();
  });
  const since = readTime(parameters, "last_active_at_since");
  return since === undefined ? bounds : [...bounds, ({ last_active_at }) => (last_active_at ?? -1) >= since];
}

function readTime(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalidParameter(name, `${name} must be a time in milliseconds`);
}

function readBanned(parameters: URLSearchParams): Test[] {
  const text = parameters.get("banned");
  if (text === null) return [];
  if (text !== "true" && text !== "false") throw invalidParameter("banned", "banned must be true or false");
  return [({ banned }) => banned === (text === "true")];
}

function readOrganizations(parameters: URLSearchParams, memberships: MembershipStore): Test[] {
  const { included, excluded } = readSigned(parameters, "organization_id");
  const belongs = ({ id }: User, ids: string[]) => ids.some((one) => memberships.find(one, id) !== undefined);
  return [
    ...(included ? [(user: User) => belongs(user, included)] : []),
    ...(excluded.length > 0 ? [(user: User) => !belongs(user, excluded)] : []),
  ];
}
