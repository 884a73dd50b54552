/**
 * What clerk-js sends: forms, whose keys have underscores.
 *
 * @module
 */
import { invalidParameter } from "../errors.ts";
import { isAddress, type UserInput } from "../users.ts";

/** What somebody signs in with. */
export interface Credentials {
  identifier: string;
  password: string;
}

/**
 * Reads a form.
 *
 * @param request The request.
 * @returns Its fields.
 */
export async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await request.text());
}

/**
 * Reads what somebody signs up with.
 *
 * @param form The form.
 * @returns What makes the user.
 * @throws {ClerkError} Where something is missing.
 */
export function readSignUp(form: URLSearchParams): UserInput {
  const address = required(form, "email_address").trim().toLowerCase();
  if (!isAddress(address)) {
    throw invalidParameter("email_address", "Email address must be a valid email address.");
  }
  return { ...readProfile(form), email_address: [address], password: required(form, "password") };
}

/**
 * Reads what somebody signs in with.
 *
 * @param form The form.
 * @returns Address and password.
 * @throws {ClerkError} Where something is missing.
 */
export function readSignIn(form: URLSearchParams): Credentials {
  return { identifier: required(form, "identifier").trim(), password: required(form, "password") };
}

/**
 * Reads what somebody says of themselves. What is emptied is gone.
 *
 * @param form The form.
 * @returns What to change.
 * @throws {ClerkError} Where metadata are no object.
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

/** Reads a field that must not be empty. */
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
