/**
 * Parses the forms of clerk-js, whose keys have underscores.
 *
 * @module
 */
import { invalidParameter } from "../errors.ts";
import { isAddress, type UserInput } from "../users.ts";

/**
 * Parses a form.
 *
 * @param request The request.
 * @returns The fields.
 */
export async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await request.text());
}

/**
 * Parses an e-mail address.
 *
 * @param form The form.
 * @returns The address in lower case; undefined if the form has none.
 * @throws {ClerkError} 422 if the value is not an address.
 */
export function readAddress(form: URLSearchParams): string | undefined {
  const address = form.get("email_address")?.trim().toLowerCase();
  if (!address) return undefined;
  if (!isAddress(address)) throw invalidParameter("email_address", "Email address must be a valid email address.");
  return address;
}

/**
 * Parses the profile fields that users set themselves. An empty field deletes the value.
 *
 * @param form The form.
 * @returns The changes.
 * @throws {ClerkError} 422 if the metadata is not an object.
 */
export function readProfile(form: URLSearchParams): UserInput {
  const input: UserInput = {};
  for (const name of ["first_name", "last_name", "username"] as const) {
    const value = form.get(name);
    if (value !== null) input[name] = value === "" ? null : value;
  }
  const metadata = form.get("unsafe_metadata");
  if (metadata) input.unsafe_metadata = readObject("unsafe_metadata", metadata);
  return input;
}

/**
 * Parses the fields that clerk-js adds to a sign-up: language, time zone and consent.
 *
 * @param form The form.
 * @returns The fields of the new user.
 */
export function readOrigin(form: URLSearchParams): UserInput {
  const input: UserInput = {};
  for (const name of ["locale", "timezone"] as const) {
    const value = form.get(name);
    if (value) input[name] = value;
  }
  if (form.get("legal_accepted") === "true") input.legal_accepted_at = Date.now();
  return input;
}

/** Returns a field; throws 422 if it is empty or missing. */
export function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value) return value;
  throw invalidParameter(name, `${name} is required`, "form_param_missing");
}

function readObject(name: string, text: string): Record<string, unknown> {
  const value = JSON.parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw invalidParameter(name, `${name} must be an object`);
}
