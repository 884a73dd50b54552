/**
 * The Frontend API's routes of sign-ups: in one request with address and password, or field by field. If the switch
 * `verifyAtSignUp` is on, the user must also enter the code sent to the address.
 *
 * @module
 */
import { ClerkError } from "../errors.ts";
import type { Route } from "../http.ts";
import { readPhoneNumber } from "../identifications.ts";
import { createId } from "../keys.ts";
import { checkPassword } from "../passwords.ts";
import type { ClerkClient } from "../state.ts";
import { answer, type FrontendOptions, frontendRoute } from "./answers.ts";
import { missingFields, needsCode, signUpResource } from "./attempt_resources.ts";
import type { SignUp } from "./attempts.ts";
import { findClient, welcomeClient } from "./clients.ts";
import { checkSignedOut, checkStrategy, enter } from "./enter.ts";
import { readAddress, readForm, readOrigin, readProfile, required } from "./forms.ts";
import { beginVerification, isForTests, requireCode } from "./verifications.ts";

const STRATEGIES = ["password", "email_code"];

/**
 * Returns the routes under `/client/sign_ups`.
 *
 * @param options State, changes and attempts.
 * @returns The routes.
 */
export function signUpRoutes(options: FrontendOptions): Route[] {
  const { state, switches } = options;
  return [
    frontendRoute("POST", "/client/sign_ups", async (_, request) => {
      checkSignedOut(state, request);
      const signUp = begin();
      give(options, signUp, await readForm(request));
      const { client, headers } = welcomeClient(state, request);
      options.findAttempts(client).signUp = signUp;
      await completeIfReady(options, client, signUp);
      return await answer(options, request, client, signUpResource(switches, signUp), headers);
    }),
    frontendRoute("GET", "/client/sign_ups/:id", ({ id }, request) => {
      const { client, signUp } = findSignUp(options, request, id);
      return answer(options, request, client, signUpResource(switches, signUp));
    }),
    step(options, "PATCH", "", give),
    step(options, "POST", "/prepare_verification", prepare),
    step(options, "POST", "/attempt_verification", (_, signUp, form) => {
      requireCode(signUp.verification, required(form, "strategy"), required(form, "code"));
    }),
  ];
}

type Step = (options: FrontendOptions, signUp: SignUp, form: URLSearchParams) => void;

function step(options: FrontendOptions, method: string, path: string, take: Step): Route {
  return frontendRoute(method, `/client/sign_ups/:id${path}`, async ({ id }, request) => {
    checkSignedOut(options.state, request);
    const { client, signUp } = findSignUp(options, request, id);
    take(options, signUp, await readForm(request));
    await completeIfReady(options, client, signUp);
    return await answer(options, request, client, signUpResource(options.switches, signUp));
  });
}

function begin(): SignUp {
  return {
    id: createId("sua"),
    status: "missing_requirements",
    input: {},
    address: null,
    userId: null,
    sessionId: null,
  };
}

/** Stores the fields of a form. Missing fields may follow in a later request. */
function give({ state }: FrontendOptions, signUp: SignUp, form: URLSearchParams): void {
  checkStrategy(form.get("strategy"), STRATEGIES);
  const address = readAddress(form);
  if (address !== undefined && state.users.findByAddress(address)) {
    throw new ClerkError(422, "form_identifier_exists", "That email address is taken. Please try another.", {
      param: "email_address",
    });
  }
  const password = form.get("password");
  if (password !== null) checkPassword(password);
  if (address !== undefined && address !== signUp.address) {
    signUp.address = address;
    delete signUp.verification;
  }
  signUp.input = {
    ...signUp.input,
    ...readProfile(form),
    ...readOrigin(form),
    ...(form.get("phone_number") && { phone_number: [readPhoneNumber(form.get("phone_number"))] }),
    ...(password !== null && { password }),
  };
}

function prepare({ changes }: FrontendOptions, signUp: SignUp, form: URLSearchParams): void {
  const strategy = required(form, "strategy");
  checkStrategy(strategy, ["email_code"]);
  const { address } = signUp;
  if (address === null) throw new ClerkError(422, "form_param_missing", "email_address is required");
  signUp.verification = beginVerification(strategy, address);
  if (isForTests(address)) return;
  changes.sendCode({ kind: "email", to: address, code: signUp.verification.code, slug: "verification_code" });
}

async function completeIfReady(options: FrontendOptions, client: ClerkClient, signUp: SignUp): Promise<void> {
  const { address, status } = signUp;
  if (
    status === "complete" || address === null || missingFields(signUp).length > 0 || needsCode(options.switches, signUp)
  ) return;
  const user = await options.changes.createUser({
    ...signUp.input,
    email_address: [address],
    // No code is sent to a number at sign-up, so the number is verified only if addresses are verified without a code.
    phone_number_identification_status: [options.switches.verifyAtSignUp ? "unverified" : "verified"],
  });
  signUp.userId = user.id;
  signUp.sessionId = enter(options, client, user.id).id;
  signUp.status = "complete";
  delete signUp.input.password;
}

function findSignUp(options: FrontendOptions, request: Request, id: string | undefined) {
  const client = findClient(options.state, request);
  const { signUp } = client ? options.findAttempts(client) : {};
  if (client && signUp?.id === id) return { client, signUp: signUp! };
  throw new ClerkError(404, "resource_not_found", "No sign up was found with this id");
}
