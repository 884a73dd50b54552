/**
 * The Backend API's routes of e-mail addresses and phone numbers.
 *
 * @module
 */
import { findUser } from "../changes.ts";
import { ClerkError, invalidParameter, notSimulated } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import {
  createEmailAddress,
  createPhoneNumber,
  type EmailAddress,
  type IdentificationOptions,
  type IdentificationStatus,
  isAddress,
  isClaimed,
  type PhoneNumber,
  readPhoneNumber,
  withStatus,
} from "../identifications.ts";
import { type Body, readBody, requireText } from "../organizations/parameters.ts";
import type { OrganizationRoutesOptions } from "../organizations/routes.ts";
import type { State } from "../state.ts";
import type { User } from "../users.ts";

/** Differences between addresses and numbers. */
interface Kind<T extends EmailAddress | PhoneNumber> {
  object: T["object"];
  /** The path of the collection. */
  path: string;
  list: "email_addresses" | "phone_numbers";
  primary: "primary_email_address_id" | "primary_phone_number_id";
  read: (body: Body) => string;
  create: (value: string, options: IdentificationOptions) => T;
  of: (user: User) => T[];
}

const EMAIL_ADDRESSES: Kind<EmailAddress> = {
  object: "email_address",
  path: "/v1/email_addresses",
  list: "email_addresses",
  primary: "primary_email_address_id",
  read(body) {
    const address = requireText(body, "email_address");
    if (isAddress(address)) return address;
    throw invalidParameter("email_address", "Email address must be a valid email address.");
  },
  create: createEmailAddress,
  of: (user) => user.email_addresses,
};

const PHONE_NUMBERS: Kind<PhoneNumber> = {
  object: "phone_number",
  path: "/v1/phone_numbers",
  list: "phone_numbers",
  primary: "primary_phone_number_id",
  read: (body) => readPhoneNumber(requireText(body, "phone_number")),
  create: createPhoneNumber,
  of: (user) => user.phone_numbers,
};

/**
 * Returns the routes under `/v1/email_addresses` and `/v1/phone_numbers`.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options State and changes.
 * @returns The routes.
 */
export function identificationRoutes(route: RouteMaker, options: OrganizationRoutesOptions): Route[] {
  return [...routesOf(EMAIL_ADDRESSES, route, options), ...routesOf(PHONE_NUMBERS, route, options)];
}

function routesOf<T extends EmailAddress | PhoneNumber>(
  kind: Kind<T>,
  route: RouteMaker,
  { state, changes }: OrganizationRoutesOptions,
): Route[] {
  const { path, primary, object, of } = kind;
  /** Replaces the identifications of a user and answers with one of them. */
  const put = (user: User, identifications: T[], primaryId: string | null, shown: T) => {
    changes.changeUser(user, () => ({ [kind.list]: identifications, [primary]: primaryId }));
    return json(shown);
  };
  return [
    route("POST", path, async (_, request) => {
      const body = await readBody(request);
      const user = findUser(state, requireText(body, "user_id"));
      const status = readFlag(body, "verified") ? "verified" : "unverified";
      const added = kind.create(kind.read(body), { status, now: Date.now() });
      const isPrimary = readFlag(body, "primary") || of(user).length === 0;
      return put(user, [...of(user), added], isPrimary ? added.id : user[primary], added);
    }),
    route("GET", `${path}/:id`, ({ id }) => json(find(kind, state, id).found)),
    route("PATCH", `${path}/:id`, async ({ id }, request) => {
      const body = await readBody(request);
      const { user, found } = find(kind, state, id);
      const verified = readFlag(body, "verified");
      const changed = verified === undefined
        ? found
        : withStatus(found, verified ? "verified" : "unverified", Date.now());
      const others = of(user).map((one) => one.id === changed.id ? changed : one);
      return put(user, others, readFlag(body, "primary") ? changed.id : user[primary], changed);
    }),
    route("DELETE", `${path}/:id`, ({ id = "" }) => {
      const { user } = find(kind, state, id);
      const others = of(user).filter((one) => one.id !== id);
      const primaryId = user[primary] === id ? others.find(isClaimed)?.id ?? null : user[primary];
      changes.changeUser(user, () => ({ [kind.list]: others, [primary]: primaryId }));
      return json({ object, id, deleted: true });
    }),
    route("PUT", `/v1/users/:id/${object}`, async ({ id }, request) => {
      const body = await readBody(request);
      const added = kind.create(kind.read(body), { status: readStatus(body), now: Date.now() });
      return put(findUser(state, id), [added], added.id, added);
    }),
  ];
}

function find<T extends EmailAddress | PhoneNumber>(
  { of, object }: Kind<T>,
  { users }: State,
  id: string | undefined,
): { user: User; found: T } {
  for (const user of users.values()) {
    const found = of(user).find((one) => one.id === id);
    if (found) return { user, found };
  }
  throw new ClerkError(404, "resource_not_found", `No ${object.replace("_", " ")} was found with this id`);
}

function readFlag(body: Body, name: string): boolean | undefined {
  if (body.reserved_for_second_factor === true) {
    throw notSimulated("The simulator does not support second factors", { param: "reserved_for_second_factor" });
  }
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === "boolean") return value;
  throw invalidParameter(name, `${name} must be true or false`, "form_param_type_invalid");
}

function readStatus({ identification_status: status }: Body): IdentificationStatus {
  if (status === undefined || status === null) return "verified";
  if (status === "verified" || status === "reserved" || status === "unverified") return status;
  const message = "identification_status must be verified, reserved or unverified";
  throw invalidParameter("identification_status", message, "form_param_value_invalid");
}
