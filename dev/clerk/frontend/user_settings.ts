/**
 * The part of the environment that describes which attributes users have and how they are verified.
 *
 * @module
 */
import { PASSWORD_LENGTHS } from "../passwords.ts";
import type { Switches } from "../switches.ts";

/**
 * Returns Clerk's user settings.
 *
 * @param switches Whether addresses are verified at sign-up.
 * @returns Clerk's object.
 */
export function userSettings(switches: Switches): Record<string, unknown> {
  return {
    attributes: attributes(switches),
    sign_in: { second_factor: { required: false, enabled: false } },
    sign_up: {
      allowlist_only: false,
      captcha_enabled: false,
      captcha_widget_type: null,
      custom_action_required: false,
      legal_consent_enabled: false,
      mode: "public",
      progressive: true,
    },
    restrictions: {},
    actions: { delete_self: true, create_organization: true, create_organizations_limit: null },
    attack_protection: { user_lockout: { enabled: false }, email_link: { require_same_client: false } },
    password_settings: passwordSettings(),
    passkey_settings: { allow_autofill: false, show_sign_in_button: false },
    username_settings: { min_length: 4, max_length: 64 },
    social: {},
    saml: { enabled: false },
    enterprise_sso: { enabled: false, self_serve_directory_sync: false },
  };
}

function attributes({ verifyAtSignUp }: Switches) {
  const off = { enabled: false, required: false };
  return {
    email_address: attribute({
      enabled: true,
      required: true,
      verify_at_sign_up: verifyAtSignUp,
      used_for_first_factor: true,
      first_factors: ["email_code"],
      verifications: ["email_code"],
    }),
    password: attribute({ enabled: true, required: true }),
    first_name: attribute({ enabled: true, required: false }),
    last_name: attribute({ enabled: true, required: false }),
    ...Object.fromEntries(
      ["phone_number", "username", "web3_wallet", "authenticator_app", "backup_code", "passkey", "ticket"]
        .map((name) => [name, attribute(off)]),
    ),
  };
}

/** Returns the settings of an attribute, such as the e-mail address. */
function attribute(given: { enabled: boolean; required: boolean } & Record<string, unknown>) {
  return {
    immutable: false,
    used_for_first_factor: false,
    first_factors: [],
    used_for_second_factor: false,
    second_factors: [],
    verifications: [],
    verify_at_sign_up: false,
    ...given,
  };
}

function passwordSettings() {
  return {
    min_length: PASSWORD_LENGTHS.min,
    max_length: PASSWORD_LENGTHS.max,
    disable_hibp: true,
    allowed_special_characters: "",
    require_special_char: false,
    require_numbers: false,
    require_uppercase: false,
    require_lowercase: false,
    show_zxcvbn: false,
    min_zxcvbn_strength: 0,
    enforce_hibp_on_sign_in: false,
  };
}
