/**
 * Reading what the Backend API creates and changes users with.
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

/** The metadata of a body. */
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

/** What changes nothing here: the simulator requires no password and no consent, and sends no mail. */
const WITHOUT_EFFECT = [
  ...["skip_password_requirement", "skip_legal_checks", "skip_user_requirement"],
  ...["notify_primary_email_address_changed", "sign_out_of_other_sessions"],
];

/** What Clerk has and the simulator does not. */
const NOT_SIMULATED = ["web3_wallet", "primary_web3_wallet_id", "totp_secret", "backup_codes", "profile_image_id"];

/**
 * Reads what a user is created with.
 *
 * @param body The body.
 * @returns Its fields, checked.
 * @throws {ClerkError} 422 if one is not as Clerk has it, 501 if the simulator lacks it.
 */
export function readNewUser(body: Body): UserInput {
  const input: UserInput = readFields(body, CREATE);
  checkStatuses("email_address_identification_status", input.email_address_identification_status, input.email_address);
  checkStatuses("phone_number_identification_status", input.phone_number_identification_status, input.phone_number);
  return input;
}

/**
 * Reads what a user is changed with.
 *
 * @param body The body.
 * @param hasMetadata Whether it may have metadata.
 * @returns Its fields, checked.
 * @throws {ClerkError} 422 if one is not as Clerk has it, 501 if the simulator lacks it.
 */
export function readUserChange(body: Body, hasMetadata: boolean): UserInput {
  return readFields(body, hasMetadata ? { ...UPDATE, ...METADATA_FIELDS } : UPDATE);
}

/**
 * Reads metadata.
 *
 * @param body The body.
 * @returns Each kind that it has; null empties it.
 * @throws {ClerkError} 422 if they are not objects.
 */
export function readUserMetadata(body: Body): MetadataInput {
  return readFields(body, METADATA_FIELDS);
}

function readFields(body: Body, fields: Record<string, Read>): UserInput {
  const entries = Object.entries(body).flatMap(([name, value]) => {
    if (value === undefined || WITHOUT_EFFECT.includes(name)) return [];
    if (value === null && NOT_SIMULATED.includes(name)) return [];
    if (NOT_SIMULATED.includes(name)) {
      throw notSimulated(`The simulator does not have ${name} of users`, { param: name });
    }
    const read = fields[name];
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
