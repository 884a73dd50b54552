/**
 * Formats sign-ins and sign-ups for clerk-js.
 *
 * @module
 */
import type { State } from "../state.ts";
import type { Switches } from "../switches.ts";
import type { User } from "../users.ts";
import type { SignIn, SignUp } from "./attempts.ts";
import { verificationResource } from "./verifications.ts";

/**
 * Returns a sign-in in the format of clerk-js.
 *
 * @param state The simulator's state.
 * @param signIn The sign-in.
 * @returns Clerk's object, with the factors that the user can use next.
 */
export function signInResource({ users }: State, signIn: SignIn): Record<string, unknown> {
  const user = users.get(signIn.userId ?? "");
  return {
    object: "sign_in_attempt",
    id: signIn.id,
    status: signIn.status,
    identifier: signIn.identifier,
    supported_identifiers: ["email_address"],
    supported_first_factors: user ? firstFactors(user) : null,
    supported_second_factors: null,
    first_factor_verification: verificationResource(signIn.verification),
    second_factor_verification: null,
    user_data: user
      ? { first_name: user.first_name, last_name: user.last_name, image_url: user.image_url, has_image: user.has_image }
      : null,
    created_session_id: signIn.sessionId,
  };
}

/** Returns the first factors in Clerk's order: the password first, if the user has one. */
function firstFactors(user: User): Array<Record<string, unknown>> {
  const codes = (strategy: string) =>
    user.email_addresses.filter(({ verification }) => verification?.status === "verified").map((
      { id, email_address },
    ) => ({
      strategy,
      email_address_id: id,
      safe_identifier: email_address,
      primary: id === user.primary_email_address_id,
    }));
  return [
    ...(user.password_enabled ? [{ strategy: "password" }] : []),
    ...codes("email_code"),
    ...(user.password_enabled ? codes("reset_password_email_code") : []),
  ];
}

/**
 * Returns a sign-up in the format of clerk-js.
 *
 * @param switches Decide whether the address must be verified.
 * @param signUp The sign-up.
 * @returns Clerk's object, with the missing fields.
 */
export function signUpResource(switches: Switches, signUp: SignUp): Record<string, unknown> {
  const { input, address } = signUp;
  const isOpen = signUp.status !== "complete";
  return {
    object: "sign_up_attempt",
    id: signUp.id,
    status: signUp.status,
    required_fields: ["email_address", "password"],
    optional_fields: ["first_name", "last_name", "username", "phone_number"],
    missing_fields: isOpen ? missingFields(signUp) : [],
    unverified_fields: isOpen && address !== null && needsCode(switches, signUp) ? ["email_address"] : [],
    verifications: {
      email_address: emailVerification(switches, signUp),
      phone_number: null,
      web3_wallet: null,
      external_account: null,
    },
    email_address: address,
    phone_number: input.phone_number?.[0] ?? null,
    username: input.username ?? null,
    first_name: input.first_name ?? null,
    last_name: input.last_name ?? null,
    unsafe_metadata: input.unsafe_metadata ?? {},
    web3_wallet: null,
    external_account: null,
    external_account_strategy: null,
    has_password: !isOpen || input.password !== undefined,
    created_session_id: signUp.sessionId,
    created_user_id: signUp.userId,
    abandon_at: null,
    legal_accepted_at: input.legal_accepted_at ?? null,
    locale: input.locale ?? null,
    timezone: input.timezone ?? null,
  };
}

/**
 * Returns the fields that a sign-up still needs.
 *
 * @param signUp The sign-up.
 * @returns Clerk's names of the fields.
 */
export function missingFields({ input, address }: SignUp): string[] {
  return [...(address === null ? ["email_address"] : []), ...(input.password === undefined ? ["password"] : [])];
}

/**
 * Returns whether a sign-up waits for the code sent to its address.
 *
 * @param switches Decide whether the instance requires codes.
 * @param signUp The sign-up.
 * @returns Whether it waits.
 */
export function needsCode({ verifyAtSignUp }: Switches, { verification }: SignUp): boolean {
  return verifyAtSignUp && verification?.status !== "verified";
}

function emailVerification(switches: Switches, signUp: SignUp): Record<string, unknown> | null {
  if (signUp.address === null || !switches.verifyAtSignUp) return null;
  const begun = verificationResource(signUp.verification) ??
    { object: "verification", status: "unverified", strategy: null, attempts: null, expire_at: null, error: null };
  const isNext = needsCode(switches, signUp);
  return {
    ...begun,
    next_action: isNext ? (signUp.verification ? "needs_attempt" : "needs_prepare") : "",
    supported_strategies: ["email_code"],
  };
}
