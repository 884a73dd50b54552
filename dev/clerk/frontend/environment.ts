/**
 * Builds the Frontend API's description of the instance, which decides what Clerk's components show.
 *
 * @module
 */
import type { Switches } from "../switches.ts";
import { userSettings } from "./user_settings.ts";

/** Input of an environment. */
export interface EnvironmentOptions {
  switches: Switches;
  /** The origin of the app's page. */
  origin: string;
}

/**
 * Returns Clerk's environment with every feature off that the simulator lacks.
 *
 * @param options Switches and the page's origin.
 * @returns Clerk's object.
 */
export function environment(options: EnvironmentOptions): Record<string, unknown> {
  return {
    object: "environment",
    id: "env_local",
    auth_config: authConfig(),
    display_config: displayConfig(options),
    user_settings: userSettings(options.switches),
    organization_settings: organizationSettings(options.switches),
    commerce_settings: commerceSettings(),
    api_keys_settings: { object: "api_keys_settings", user_api_keys_enabled: false, orgs_api_keys_enabled: false },
    maintenance_mode: false,
    client_debug_mode: false,
    partitioned_cookies: false,
  };
}

function authConfig() {
  return {
    object: "auth_config",
    id: "aconf_local",
    first_name: "on",
    last_name: "on",
    email_address: "required",
    phone_number: "off",
    username: "off",
    password: "required",
    identification_requirements: [["email_address"]],
    identification_strategies: ["email_address"],
    first_factors: ["password", "email_code", "reset_password_email_code"],
    second_factors: [],
    email_address_verification_strategies: ["email_code"],
    single_session_mode: true,
    enhanced_email_deliverability: false,
    test_mode: true,
    reverification: false,
    claimed_at: null,
    url_based_session_syncing: true,
  };
}

/**
 * Returns the instance's display settings. The pages that Clerk would host are paths on the app's own origin, as in
 * Clerk's quick starts.
 */
function displayConfig({ origin }: EnvironmentOptions) {
  return {
    object: "display_config",
    id: "display_config_local",
    application_name: "Local app",
    instance_environment_type: "development",
    theme: { buttons: BUTTONS, general: GENERAL, accounts: { background_color: "#ffffff" } },
    preferred_sign_in_strategy: "password",
    branded: false,
    show_devmode_warning: false,
    experimental_force_oauth_first: false,
    logo_image_url: "",
    favicon_image_url: "",
    logo_image: null,
    favicon_image: null,
    logo_link_url: "",
    backend_host: "",
    support_email: "",
    terms_url: "",
    privacy_policy_url: "",
    google_one_tap_client_id: null,
    ...CAPTCHA,
    ...hostedPages(origin),
  };
}

const BUTTONS = { font_color: "#ffffff", font_family: "inherit", font_weight: "600" };

const GENERAL = {
  color: "#6c47ff",
  padding: "1em",
  box_shadow: "0 2px 8px rgba(0, 0, 0, 0.2)",
  font_color: "#151515",
  font_family: "inherit",
  border_radius: "0.5em",
  background_color: "#ffffff",
  label_font_weight: "600",
};

const CAPTCHA = {
  captcha_public_key: null,
  captcha_public_key_invisible: null,
  captcha_widget_type: null,
  captcha_provider: "turnstile",
  captcha_oauth_bypass: [],
  captcha_heartbeat: false,
};

function hostedPages(origin: string): Record<string, string> {
  const home = `${origin}/`;
  const after = ["sign_in", "sign_up", "sign_out_one", "sign_out_all", "switch_session", "join_waitlist"];
  const organization = ["leave_organization", "create_organization"];
  return {
    home_url: home,
    sign_in_url: `${origin}/sign-in`,
    sign_up_url: `${origin}/sign-up`,
    user_profile_url: `${origin}/user-profile`,
    organization_profile_url: `${origin}/organization-profile`,
    create_organization_url: `${origin}/create-organization`,
    waitlist_url: `${origin}/waitlist`,
    ...Object.fromEntries([...after, ...organization].map((name) => [`after_${name}_url`, home])),
  };
}

function organizationSettings({ organizations }: Switches) {
  return {
    enabled: organizations,
    max_allowed_memberships: 0,
    max_allowed_roles: 10,
    max_role_sets_allowed: 1,
    max_allowed_domains: 0,
    creator_role: "org:admin",
    force_organization_selection: false,
    actions: { admin_delete: true },
    domains: { enabled: false, enrollment_modes: [], default_role: "org:member" },
    slug: { disabled: false },
    organization_creation_defaults: { enabled: false },
  };
}

function commerceSettings() {
  const off = { enabled: false, has_paid_plans: false };
  return {
    object: "commerce_settings",
    billing: { stripe_publishable_key: null, organization: off, user: off },
  };
}
