/**
 * The Frontend API's routes of sign-ins: in one request with a password, or step by step like Clerk's components.
 *
 * @module
 */
import { ClerkError } from "../errors.ts";
import type { Route } from "../http.ts";
import { createId } from "../keys.ts";
import { isPassword } from "../passwords.ts";
import type { ClerkClient, State } from "../state.ts";
import type { EmailAddress, User } from "../users.ts";
import { answer, type FrontendOptions, frontendRoute } from "./answers.ts";
import { signInResource } from "./attempt_resources.ts";
import type { SignIn } from "./attempts.ts";
import { findClient, sessionsOf, welcomeClient } from "./clients.ts";
import { checkSignedOut, checkStrategy, endSessions, enter } from "./enter.ts";
import { readForm, required } from "./forms.ts";
import { beginVerification, isForTests, requireCode } from "./verifications.ts";

const CODES = ["email_code", "reset_password_email_code"];
const STRATEGIES = ["password", "ticket", ...CODES];

/**
 * Returns the routes under `/client/sign_ins`.
 *
 * @param options State, changes and attempts.
 * @returns The routes.
 */
export function signInRoutes(options: FrontendOptions): Route[] {
  const { state } = options;
  return [
    frontendRoute("POST", "/client/sign_ins", async (_, request) => {
      checkSignedOut(state, request);
      const form = await readForm(request);
      const signIn = await beginSignIn(options, form);
      const { client, headers } = welcomeClient(state, request);
      options.findAttempts(client).signIn = signIn;
      await goOn(options, client, signIn, form);
      return await answer(options, request, client, signInResource(state, signIn), headers);
    }),
    frontendRoute("GET", "/client/sign_ins/:id", ({ id }, request) => {
      const { client, signIn } = findSignIn(options, request, id);
      return answer(options, request, client, signInResource(state, signIn));
    }),
    step(options, "prepare_first_factor", (_, signIn, form) => prepare(options, signIn, form)),
    step(options, "attempt_first_factor", (client, signIn, form) => attempt(options, client, signIn, form)),
    step(options, "reset_password", (client, signIn, form) => resetPassword(options, client, signIn, form)),
  ];
}

type Step = (client: ClerkClient, signIn: SignIn, form: URLSearchParams) => void | Promise<void>;

function step(options: FrontendOptions, name: string, take: Step): Route {
  return frontendRoute("POST", `/client/sign_ins/:id/${name}`, async ({ id }, request) => {
    checkSignedOut(options.state, request);
    const { client, signIn } = findSignIn(options, request, id);
    await take(client, signIn, await readForm(request));
    return await answer(options, request, client, signInResource(options.state, signIn));
  });
}

/** Returns a sign-in for the first request, which may have an identifier; throws if the password is wrong. */
async function beginSignIn({ state }: FrontendOptions, form: URLSearchParams): Promise<SignIn> {
  checkStrategy(form.get("strategy"), STRATEGIES);
  const id = createId("sia");
  // A sign-in token of the Backend API, which is used up when the session begins.
  if (form.get("strategy") === "ticket") {
    return { id, status: "needs_first_factor", identifier: null, userId: null, sessionId: null };
  }
  const identifier = form.get("identifier")?.trim();
  if (!identifier) return { id, status: "needs_identifier", identifier: null, userId: null, sessionId: null };
  const user = state.users.findByAddress(identifier);
  if (!user) {
    throw new ClerkError(422, "form_identifier_not_found", "Couldn't find your account.", { param: "identifier" });
  }
  const password = form.get("password");
  if (password) await requirePassword(state, user, password);
  return { id, status: "needs_first_factor", identifier, userId: user.id, sessionId: null };
}

/** Handles the password or the strategy that the first request may have besides the identifier. */
async function goOn(options: FrontendOptions, client: ClerkClient, signIn: SignIn, form: URLSearchParams) {
  if (form.get("strategy") === "ticket") return redeem(options, client, signIn, required(form, "ticket"));
  if (signIn.userId === null) return;
  if (form.get("password")) return complete(options, client, signIn);
  if (CODES.includes(form.get("strategy") ?? "")) await prepare(options, signIn, form);
}

/** Signs in with a sign-in token and activates its organization, if it has one. */
function redeem(options: FrontendOptions, client: ClerkClient, signIn: SignIn, ticket: string): void {
  const { user, organizationId } = options.changes.takeTicket(ticket);
  signIn.userId = user.id;
  signIn.identifier = user.email_addresses[0]?.email_address ?? null;
  complete(options, client, signIn);
  if (organizationId === undefined) return;
  const session = options.state.sessions.get(signIn.sessionId!)!;
  options.changes.activate(session, organizationId);
}

/** Sends a code to the address in the form, or else to the address that was the identifier. */
function prepare({ state, changes }: FrontendOptions, signIn: SignIn, form: URLSearchParams): void {
  const strategy = required(form, "strategy");
  checkStrategy(strategy, CODES);
  const user = userOf(state, signIn);
  const address = addressOf(user, form.get("email_address_id"), signIn.identifier);
  signIn.verification = beginVerification(strategy, address);
  if (isForTests(address)) return;
  const slug = strategy === "email_code" ? "verification_code" : "reset_password_code";
  changes.sendCode({ kind: "email", to: address, code: signIn.verification.code, slug, userId: user.id });
}

async function attempt(
  options: FrontendOptions,
  client: ClerkClient,
  signIn: SignIn,
  form: URLSearchParams,
): Promise<void> {
  const strategy = required(form, "strategy");
  checkStrategy(strategy, ["password", ...CODES]);
  if (signIn.status !== "needs_first_factor") throw wrongStep();
  if (strategy === "password") {
    await requirePassword(options.state, userOf(options.state, signIn), required(form, "password"));
    return complete(options, client, signIn);
  }
  requireCode(signIn.verification, strategy, required(form, "code"));
  if (strategy === "email_code") return complete(options, client, signIn);
  signIn.status = "needs_new_password";
  // The form may have the new password in addition to the code.
  if (form.get("password")) await resetPassword(options, client, signIn, form);
}

async function resetPassword(
  options: FrontendOptions,
  client: ClerkClient,
  signIn: SignIn,
  form: URLSearchParams,
): Promise<void> {
  if (signIn.status !== "needs_new_password") throw wrongStep();
  const { state, changes } = options;
  const user = await changes.updateUser(userOf(state, signIn), { password: required(form, "password") });
  if (form.get("sign_out_of_other_sessions") === "true") endSessions(options, user.id);
  complete(options, client, signIn);
}

/**
 * Completes a sign-in. Checks for a session again, because the browser may have got one while the password was checked.
 */
function complete(options: FrontendOptions, client: ClerkClient, signIn: SignIn): void {
  if (sessionsOf(options.state, client).length > 0) {
    throw new ClerkError(400, "session_exists", "You're already signed in.");
  }
  signIn.sessionId = enter(options, client, userOf(options.state, signIn).id).id;
  signIn.status = "complete";
}

async function requirePassword({ passwords }: State, user: User, password: string): Promise<void> {
  const kept = passwords.get(user.id);
  if (kept && await isPassword(password, kept)) return;
  const message = "Password is incorrect. Try again, or use another method.";
  throw new ClerkError(422, "form_password_incorrect", message, { param: "password" });
}

function findSignIn(options: FrontendOptions, request: Request, id: string | undefined) {
  const client = findClient(options.state, request);
  const { signIn } = client ? options.findAttempts(client) : {};
  if (client && signIn?.id === id) return { client, signIn: signIn! };
  throw new ClerkError(404, "resource_not_found", "No sign in was found with this id");
}

/** Returns the user of a sign-in, who may have been deleted since it began. */
function userOf({ users }: State, { userId }: SignIn): User {
  const user = users.get(userId ?? "");
  if (user) return user;
  throw new ClerkError(422, "form_identifier_not_found", "Couldn't find your account.", { param: "identifier" });
}

function addressOf({ email_addresses }: User, id: string | null, identifier: string | null): string {
  const isMeant = id === null
    ? ({ email_address }: EmailAddress) => email_address === identifier?.toLowerCase()
    : (address: EmailAddress) => address.id === id;
  const found = email_addresses.find((address) => isMeant(address) && address.verification?.status === "verified");
  if (found) return found.email_address;
  throw new ClerkError(404, "resource_not_found", "The user has no verified address with this id");
}

function wrongStep(): ClerkError {
  return new ClerkError(400, "sign_in_step_invalid", "The sign-in is not at this step.");
}
