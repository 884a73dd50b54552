/**
 * Clerk's user object, as its Backend API and its webhooks document it.
 *
 * @module
 */
import type { Json } from "../formats/json.ts";

/** The verification of an address, a number or an account; null before the first attempt. */
export interface Verification {
  /** `verified`, `unverified`, `failed`, `expired` or `transferable`. */
  status: string;
  strategy: string;
}

/** An entry of `email_addresses`. */
export interface EmailAddress {
  id: string;
  email_address: string;
  verification: Verification | null;
}

/** An entry of `phone_numbers`. */
export interface PhoneNumber {
  id: string;
  /** With the country's prefix, such as `+44 20 …`. */
  phone_number: string;
  verification: Verification | null;
}

/** An entry of `web3_wallets`. */
export interface Web3Wallet {
  id: string;
  web3_wallet: string;
  verification: Verification | null;
}

/** An entry of `external_accounts`: a sign-in through another service. */
export interface ExternalAccount {
  id: string;
  /** Such as `oauth_google`. */
  provider: string;
  email_address: string;
  username: string | null;
  verification: Verification | null;
}

/**
 * The fields that Clerk documents. They are not validated, and a payload may lack some of them, for example when an old
 * message is replayed. Times are milliseconds since 1970.
 */
export interface ClerkUser {
  id: string;
  external_id: string | null;
  username: string | null;
  first_name: string | null;
  last_name: string | null;
  image_url: string;
  has_image: boolean;
  primary_email_address_id: string | null;
  email_addresses: readonly EmailAddress[];
  primary_phone_number_id: string | null;
  phone_numbers: readonly PhoneNumber[];
  primary_web3_wallet_id: string | null;
  web3_wallets: readonly Web3Wallet[];
  external_accounts: readonly ExternalAccount[];
  /** Front ends can read it; only your back end can write it. */
  public_metadata: Readonly<Record<string, Json>>;
  /** For your back end only. Do not copy it into `public.users`, because the user can read that row. */
  private_metadata?: Readonly<Record<string, Json>>;
  /** The user can write it, so never grant rights by it. */
  unsafe_metadata: Readonly<Record<string, Json>>;
  password_enabled: boolean;
  two_factor_enabled: boolean;
  totp_enabled: boolean;
  backup_code_enabled: boolean;
  banned: boolean;
  /** A lock after failed sign-ins may end by itself. */
  locked: boolean;
  create_organization_enabled: boolean;
  delete_self_enabled: boolean;
  legal_accepted_at: number | null;
  last_sign_in_at: number | null;
  last_active_at: number | null;
  created_at: number;
  updated_at: number;
}
