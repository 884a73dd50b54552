/**
 * Parses the Backend API's input for creating and changing users.
 *
 * @module
 */
import { invalidParameter, notSimulated } from "../errors.ts";
import type { Body } from "../organizations/parameters.ts";
import type { UserInput } from "../users.ts";
import {
  type Read,
  readAddresses,
  readBoolean,
  readCount,
  readNullable,
  readNumbers,
  readObject,
  readStatuses,
  readText,
  readTime,
  readUsername,
} from "./fields.ts";

const METADATA = ["public_metadata", "private_metadata", "unsafe_metadata"] as const;

/** Metadata in a request body. */
export type MetadataInput = Pick<UserInput, typeof METADATA[number]>;

const METADATA_FIELDS: Record<string, Read> = Object.fromEntries(METADATA.map((name) => [name, readObject]));
const FIELDS: Record<string, Read> = {
  ...{ first_name: readNullable(readText), last_name: readNullable(readText), username: readUsername },
  ...{ external_id: readNullable(readText), locale: readNullable(readText), timezone: readNullable(readText) },
  ...{ password: readText, password_digest: readText, password_hasher: readText, skip_password_checks: readBoolean },
  ...{ delete_self_enabled: readBoolean, create_organization_enabled: readBoolean, bypass_client_trust: readBoolean },
  ...{ create_organizations_limit: readNullable(readCount), legal_accepted_at: readTime, created_at: readTime },
};
const CREATE: Record<string, Read> = {
  ...FIELDS,
  ...{ email_address: readAddresses, phone_number: readNumbers, banned: readBoolean, locked: readBoolean },
  ...{ email_address_identification_status: readStatuses, phone_number_identification_status: readStatuses },
  ...METADATA_FIELDS,
};
const UPDATE: Record<string, Read> = {
  ...FIELDS,
  primary_email_address_id: readText,
  primary_phone_number_id: readText,
};

/** Fields without an effect, because the simulator requires neither a password nor consent and sends no e-mail. */
const WITHOUT_EFFECT = [
  ...["skip_password_requirement", "skip_legal_checks", "skip_user_requirement"],
  ...["notify_primary_email_address_changed", "sign_out_of_other_sessions"],
];

/** Fields that Clerk has and the simulator lacks. */
const NOT_SIMULATED = ["web3_wallet", "primary_web3_wallet_id", "totp_secret", "backup_codes", "profile_image_id"];

/**
 * Parses the body of a request that creates a user.
 *
 * @param body The body.
 * @returns Its fields, checked.
 * @throws {ClerkError} 422 if a field is invalid, 501 if the simulator does not support it.
 */
export function readNewUser(body: Body): UserInput {
  const input: UserInput = readFields(body, CREATE);
  checkStatuses("email_address_identification_status", input.email_address_identification_status, input.email_address);
  checkStatuses("phone_number_identification_status", input.phone_number_identification_status, input.phone_number);
  return input;
}

/**
 * Parses the body of a request that changes a user.
 *
 * @param body The body.
 * @param hasMetadata Whether the body may have metadata.
 * @returns Its fields, checked.
 * @throws {ClerkError} 422 if a field is invalid, 501 if the simulator does not support it.
 */
export function readUserChange(body: Body, hasMetadata: boolean): UserInput {
  return readFields(body, hasMetadata ? { ...UPDATE, ...METADATA_FIELDS } : UPDATE);
}

/**
 * Parses the metadata of a body.
 *
 * @param body The body.
 * @returns The kinds of metadata in the body; null empties one.
 * @throws {ClerkError} 422 if a kind is not an object.
 */
export function readUserMetadata(body: Body): MetadataInput {
  return readFields(body, METADATA_FIELDS);
}

function readFields(body: Body, fields: Record<string, Read>): UserInput {
  const entries = Object.entries(body).flatMap(([name, value]) => {
    if (value === undefined || WITHOUT_EFFECT.includes(name)) return [];
    if (value === null && NOT_SIMULATED.includes(name)) return [];
    if (NOT_SIMULATED.includes(name)) {
      throw notSimulated(`The simulator does not support ${name} of users`, { param: name });
    }
    const read = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!read) throw invalidParameter(name, `${name} is not a valid parameter for this request.`, "form_param_unknown");
    const field = read(name, value);
    return field === undefined ? [] : [[name, field]];
  });
  return Object.fromEntries(entries);
}

function checkStatuses(name: string, statuses: unknown[] | undefined, identifications: unknown[] = []): void {
  if (!statuses?.length || statuses.length === identifications.length) return;
  throw invalidParameter(name, `${name} must have one item for each value`, "form_param_value_invalid");
}
