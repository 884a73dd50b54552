/**
 * The Frontend API's routes that add, verify and remove the caller's e-mail addresses and phone numbers.
 *
 * @module
 */
import { ClerkError, invalidParameter } from "../errors.ts";
import type { Route } from "../http.ts";
import {
  createEmailAddress,
  createPhoneNumber,
  type EmailAddress,
  type IdentificationOptions,
  isClaimed,
  type PhoneNumber,
  readPhoneNumber,
  withStatus,
} from "../identifications.ts";
import type { User } from "../users.ts";
import { answer, type Caller, findCaller, type FrontendOptions, frontendRoute } from "./answers.ts";
import { checkStrategy } from "./enter.ts";
import { readAddress, readForm, required } from "./forms.ts";
import {
  beginVerification,
  isForTests,
  requireCode,
  type Verification,
  verificationResource,
} from "./verifications.ts";

/** Differences between addresses and numbers. */
interface Kind<T extends EmailAddress | PhoneNumber> {
  object: T["object"];
  list: "email_addresses" | "phone_numbers";
  primary: "primary_email_address_id" | "primary_phone_number_id";
  strategy: "email_code" | "phone_code";
  read: (form: URLSearchParams) => string;
  create: (value: string, options: IdentificationOptions) => T;
  of: (user: User) => T[];
  valueOf: (contact: T) => string;
}

const EMAIL_ADDRESSES: Kind<EmailAddress> = {
  object: "email_address",
  list: "email_addresses",
  primary: "primary_email_address_id",
  strategy: "email_code",
  read: (form) => readAddress(form) ?? required(form, "email_address"),
  create: createEmailAddress,
  of: ({ email_addresses }) => email_addresses,
  valueOf: ({ email_address }) => email_address,
};

const PHONE_NUMBERS: Kind<PhoneNumber> = {
  object: "phone_number",
  list: "phone_numbers",
  primary: "primary_phone_number_id",
  strategy: "phone_code",
  read: (form) => readPhoneNumber(required(form, "phone_number")),
  create: createPhoneNumber,
  of: ({ phone_numbers }) => phone_numbers,
  valueOf: ({ phone_number }) => phone_number,
};

/**
 * Returns the routes under `/me/email_addresses` and `/me/phone_numbers`.
 *
 * @param options State, changes and attempts.
 * @returns The routes.
 */
export function contactRoutes(options: FrontendOptions): Route[] {
  return [...routesOf(EMAIL_ADDRESSES, options), ...routesOf(PHONE_NUMBERS, options)];
}

/**
 * Throws if a contact may not become the primary one.
 *
 * @param user The user.
 * @param param Clerk's name for the field.
 * @param id The contact's id.
 * @throws {ClerkError} 422 if the contact does not belong to the user or is not verified.
 */
export function requireVerified(user: User, param: Kind<EmailAddress>["primary"], id: string): void {
  const contacts = param === EMAIL_ADDRESSES.primary ? user.email_addresses : user.phone_numbers;
  const found = contacts.find((contact) => contact.id === id);
  if (found?.verification?.status === "verified") return;
  throw invalidParameter(param, `${param} must be one of the user's own that is verified`, "form_param_value_invalid");
}

function routesOf<T extends EmailAddress | PhoneNumber>(kind: Kind<T>, options: FrontendOptions): Route[] {
  const { changes } = options;
  const path = `/me/${kind.list}`;
  const put = (user: User, contacts: T[], primaryId = user[kind.primary]) =>
    changes.changeUser(user, () => ({ [kind.list]: contacts, [kind.primary]: primaryId }));
  const one = contactRoute(kind, options);
  return [
    frontendRoute("POST", path, async (_, request) => {
      const value = kind.read(await readForm(request));
      const { client, user } = findCaller(options.state, request);
      requireFree(kind, options, user, value);
      const added = kind.create(value, { status: "unverified", now: Date.now() });
      put(user, [...kind.of(user), added]);
      return await answer(options, request, client, added);
    }),
    one("GET", "", () => {}),
    one("POST", "/prepare_verification", (caller, contact, form) => {
      checkStrategy(required(form, "strategy"), [kind.strategy]);
      prepare(kind, options, caller, contact);
    }),
    one("POST", "/attempt_verification", (caller, contact, form) => {
      const { contacts } = options.findAttempts(caller.client);
      requireCode(contacts.get(contact.id), kind.strategy, required(form, "code"));
      contacts.delete(contact.id);
      const verified = withStatus(contact, "verified", Date.now());
      const others = kind.of(caller.user).map((other) => other.id === verified.id ? verified : other);
      put(caller.user, others, caller.user[kind.primary] ?? verified.id);
    }),
    frontendRoute("DELETE", `${path}/:id`, ({ id = "" }, request) => {
      const { client, user } = findCaller(options.state, request);
      findContact(kind, user, id);
      const rest = kind.of(user).filter((contact) => contact.id !== id);
      put(user, rest, user[kind.primary] === id ? rest.find(isClaimed)?.id ?? null : user[kind.primary]);
      return answer(options, request, client, { object: kind.object, id, deleted: true });
    }),
  ];
}

/** Returns a function that creates a route of one contact, which answers with the updated contact. */
function contactRoute<T extends EmailAddress | PhoneNumber>(kind: Kind<T>, options: FrontendOptions) {
  return (method: string, end: string, run: (caller: Caller, contact: T, form: URLSearchParams) => void): Route =>
    frontendRoute(method, `/me/${kind.list}/:id${end}`, async ({ id = "" }, request) => {
      const form = await readForm(request);
      const caller = findCaller(options.state, request);
      run(caller, findContact(kind, caller.user, id), form);
      const contact = findContact(kind, findCaller(options.state, request).user, id);
      const begun: Verification | undefined = options.findAttempts(caller.client).contacts.get(id);
      const verification = contact.verification ?? verificationResource(begun);
      return await answer(options, request, caller.client, { ...contact, verification });
    });
}

function prepare<T extends EmailAddress | PhoneNumber>(
  { object, strategy, valueOf }: Kind<T>,
  { changes, findAttempts }: FrontendOptions,
  { client, user }: Caller,
  contact: T,
): void {
  if (contact.verification?.status === "verified") {
    throw new ClerkError(400, "verification_already_verified", "This verification has already been verified.");
  }
  const to = valueOf(contact);
  const verification = beginVerification(strategy, to);
  findAttempts(client).contacts.set(contact.id, verification);
  if (isForTests(to)) return;
  const kind = object === "email_address" ? "email" : "phone";
  changes.sendCode({ kind, to, code: verification.code, slug: "verification_code", userId: user.id });
}

function findContact<T extends EmailAddress | PhoneNumber>(kind: Kind<T>, user: User, id: string): T {
  const found = kind.of(user).find((contact) => contact.id === id);
  if (found) return found;
  throw new ClerkError(404, "resource_not_found", `No ${kind.object.replace("_", " ")} was found with this id`);
}

/**
 * Throws if the user already has the contact or another user has verified it. Unverified contacts of other users do not
 * count, because a contact belongs to the first user who verifies it.
 */
function requireFree<T extends EmailAddress | PhoneNumber>(
  kind: Kind<T>,
  { state: { users } }: FrontendOptions,
  { id }: User,
  value: string,
): void {
  const isTaken = users.findHolders(kind.object, value).some((holder) =>
    kind.of(holder).some((contact) =>
      kind.valueOf(contact).toLowerCase() === value && (holder.id === id || isClaimed(contact))
    )
  );
  if (!isTaken) return;
  const message = `That ${kind.object.replace("_", " ")} is taken. Please try another.`;
  throw invalidParameter(kind.object, message, "form_identifier_exists");
}
