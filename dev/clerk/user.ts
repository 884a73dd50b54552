/**
 * Types of users and of their input.
 *
 * @module
 */
import type { EmailAddress, IdentificationStatus, PhoneNumber } from "./identifications.ts";

/** A user, with the fields that every Clerk user has. Times are in milliseconds. */
export interface User {
  id: string;
  object: "user";
  username: string | null;
  first_name: string | null;
  last_name: string | null;
  image_url: string;
  has_image: boolean;
  primary_email_address_id: string | null;
  primary_phone_number_id: string | null;
  primary_web3_wallet_id: null;
  email_addresses: EmailAddress[];
  phone_numbers: PhoneNumber[];
  web3_wallets: never[];
  passkeys: never[];
  external_accounts: never[];
  saml_accounts: never[];
  enterprise_accounts: never[];
  external_id: string | null;
  locale: string | null;
  timezone: string | null;
  public_metadata: Record<string, unknown>;
  private_metadata: Record<string, unknown>;
  unsafe_metadata: Record<string, unknown>;
  banned: boolean;
  /** True until the user is unlocked, because the simulated instance's lockouts never expire. */
  locked: boolean;
  lockout_expires_in_seconds: null;
  verification_attempts_remaining: number;
  deprovisioned: false;
  password_enabled: boolean;
  two_factor_enabled: boolean;
  totp_enabled: false;
  backup_code_enabled: false;
  mfa_enabled_at: null;
  mfa_disabled_at: null;
  delete_self_enabled: boolean;
  create_organization_enabled: boolean;
  create_organizations_limit: number | null;
  bypass_client_trust: boolean;
  legal_accepted_at: number | null;
  last_sign_in_at: number | null;
  last_active_at: number | null;
  created_at: number;
  updated_at: number;
}

/** The Backend API's input to create or update a user. Times are in milliseconds. */
export interface UserInput {
  email_address?: string[];
  /** One status for each address; without it, all are verified. */
  email_address_identification_status?: IdentificationStatus[];
  phone_number?: string[];
  /** One status for each number; without it, all are verified. */
  phone_number_identification_status?: IdentificationStatus[];
  /** The user object contains only whether a password is set. */
  password?: string;
  /** A digest of the password, and the kind of digest. */
  password_digest?: string;
  password_hasher?: string;
  /** Whether to skip the checks of the password's length. */
  skip_password_checks?: boolean;
  username?: string | null;
  first_name?: string | null;
  last_name?: string | null;
  external_id?: string | null;
  locale?: string | null;
  timezone?: string | null;
  primary_email_address_id?: string;
  primary_phone_number_id?: string;
  public_metadata?: Record<string, unknown>;
  private_metadata?: Record<string, unknown>;
  unsafe_metadata?: Record<string, unknown>;
  banned?: boolean;
  locked?: boolean;
  delete_self_enabled?: boolean;
  create_organization_enabled?: boolean;
  create_organizations_limit?: number | null;
  bypass_client_trust?: boolean;
  legal_accepted_at?: number | null;
  created_at?: number;
}

/** Defaults of a new user. */
export const USER_DEFAULTS = {
  username: null,
  first_name: null,
  last_name: null,
  has_image: false,
  primary_web3_wallet_id: null,
  web3_wallets: [],
  passkeys: [],
  external_accounts: [],
  saml_accounts: [],
  enterprise_accounts: [],
  external_id: null,
  locale: null,
  timezone: null,
  banned: false,
  locked: false,
  lockout_expires_in_seconds: null,
  verification_attempts_remaining: 100,
  deprovisioned: false,
  two_factor_enabled: false,
  totp_enabled: false,
  backup_code_enabled: false,
  mfa_enabled_at: null,
  mfa_disabled_at: null,
  delete_self_enabled: true,
  create_organization_enabled: true,
  create_organizations_limit: null,
  bypass_client_trust: false,
  legal_accepted_at: null,
  last_sign_in_at: null,
  last_active_at: null,
} satisfies Partial<User>;
