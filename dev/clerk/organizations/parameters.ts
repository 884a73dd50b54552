/**
 * Parses the JSON bodies of the routes of organizations.
 *
 * @module
 */
import { invalidParameter } from "../errors.ts";
import type { Metadata, OrganizationInput } from "./organizations.ts";

/** A JSON body with unchecked fields. */
export type Body = Record<string, unknown>;

/** Metadata in a body. */
export interface MetadataInput {
  public_metadata?: Metadata;
  private_metadata?: Metadata;
}

/**
 * Parses a body.
 *
 * @param request The request.
 * @returns The fields; empty without a body.
 * @throws {ClerkError} 422 if the body is not an object.
 */
export async function readBody(request: Request): Promise<Body> {
  const text = await request.text();
  const body = text === "" ? {} : JSON.parse(text);
  if (isObject(body)) return body;
  throw invalidParameter("", "The body must be an object");
}

/**
 * Parses the input that creates or changes an organization.
 *
 * @param body The body.
 * @returns Its fields, checked.
 * @throws {ClerkError} 422 if a field is invalid.
 */
export function readOrganization(body: Body): OrganizationInput {
  const input: OrganizationInput = readMetadata(body);
  const name = readText(body, "name");
  const slug = readText(body, "slug");
  const creator = readText(body, "created_by");
  const most = body.max_allowed_memberships ?? undefined;
  if (name !== undefined) input.name = checkName(name);
  if (slug) input.slug = slug;
  if (creator) input.created_by = creator;
  if (most !== undefined) {
    if (!Number.isInteger(most) || Number(most) < 0) throw wrong("max_allowed_memberships", "a whole number");
    input.max_allowed_memberships = Number(most);
  }
  if (typeof body.admin_delete_enabled === "boolean") input.admin_delete_enabled = body.admin_delete_enabled;
  return input;
}

/**
 * Parses metadata.
 *
 * @param body The body.
 * @returns The kinds of metadata in the body; null empties one.
 * @throws {ClerkError} 422 if a kind is not an object.
 */
export function readMetadata(body: Body): MetadataInput {
  const names = ["public_metadata", "private_metadata"] as const;
  return Object.fromEntries(names.flatMap((name) => {
    const value = body[name];
    if (value === undefined) return [];
    if (value !== null && !isObject(value)) throw wrong(name, "an object");
    return [[name, value ?? {}]];
  }));
}

/**
 * Parses a text that may be missing or null.
 *
 * @param body The body.
 * @param name The field.
 * @returns The text; undefined if there is none.
 * @throws {ClerkError} 422 if the field is not a text.
 */
export function readText(body: Body, name: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw wrong(name, "a text");
}

/**
 * Parses a required text.
 *
 * @param body The body.
 * @param name The field.
 * @returns The text.
 * @throws {ClerkError} 422 if the text is missing or empty.
 */
export function requireText(body: Body, name: string): string {
  const text = readText(body, name);
  if (text) return text;
  throw invalidParameter(name, `${name} is required`, "form_param_missing");
}

function checkName(name: string): string {
  if (name.length > 0 && name.length <= 256) return name;
  throw invalidParameter("name", "The organization name must have 1 to 256 characters", "form_param_value_invalid");
}

function wrong(name: string, kind: string) {
  return invalidParameter(name, `${name} must be ${kind}`);
}

function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
