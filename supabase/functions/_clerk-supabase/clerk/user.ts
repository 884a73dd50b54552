/**
 * Clerk's user object, as its Backend API and its webhooks document it.
 *
 * @module
 */
import type { Json } from "../formats/json.ts";

/** How an address, a number or an account was verified; null before that. */
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
  /** With its country's prefix, such as `+44 20 …`. */
  phone_number: string;
  verification: Verification | null;
}

/** An entry of `web3_wallets`. */
export interface Web3Wallet {
  id: string;
  web3_wallet: string;
  verification: Verification | null;
}

/** An entry of `external_accounts`: a sign-in by another service. */
export interface ExternalAccount {
  id: string;
  /** Such as `oauth_google`. */
  provider: string;
  email_address: string;
  username: string | null;
  verification: Verification | null;
}

/**
 * The fields that Clerk documents. A payload may lack some of them, such as an old message that is replayed; nothing
 * checks them before your function reads them. Times are milliseconds since 1970.
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
  /** Anybody whom your front end shows it may read it; only your back end writes it. */
  public_metadata: Readonly<Record<string, Json>>;
  /** For your back end alone. A column of `public.users` can be read by the user. */
  private_metadata?: Readonly<Record<string, Json>>;
  /** The user can write it: grant nothing by it. */
  unsafe_metadata: Readonly<Record<string, Json>>;
  password_enabled: boolean;
  two_factor_enabled: boolean;
  totp_enabled: boolean;
  backup_code_enabled: boolean;
  banned: boolean;
  /** May end by itself, after failed sign-ins. */
  locked: boolean;
  create_organization_enabled: boolean;
  delete_self_enabled: boolean;
  legal_accepted_at: number | null;
  last_sign_in_at: number | null;
  last_active_at: number | null;
  created_at: number;
  updated_at: number;
}
