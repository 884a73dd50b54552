/**
 * Signs users up and in with Clerk, with an e-mail code if Clerk requires one.
 */
import { byId, onSubmit, showError } from "./dom.js";

/**
 * Wires the forms. Clerk's listeners report a new session.
 *
 * @param {any} clerk
 */
export function wireGuest(clerk) {
  const [signUpForm, verifyForm, signInForm] = [byId("sign-up"), byId("verify"), byId("sign-in")];
  /** The current sign-up. `clerk.client.signUp` is a new object after each response. */
  let signUp = /** @type {any} */ (undefined);

  onSubmit(signUpForm, async ({ first_name, email_address, password }) => {
    signUp = await clerk.client.signUp.create({
      emailAddress: email_address,
      password,
      ...(first_name ? { firstName: first_name } : {}),
    });
    if (signUp.status === "complete") return await enter(clerk, signUp);
    if (!signUp.unverifiedFields.includes("email_address")) throw wantsMore(signUp.missingFields);
    await signUp.prepareEmailAddressVerification({ strategy: "email_code" });
    byId("verify-address").textContent = email_address;
    show(verifyForm, signUpForm);
  });

  onSubmit(verifyForm, async ({ code }) => {
    signUp = await signUp.attemptEmailAddressVerification({ code });
    if (signUp.status !== "complete") throw wantsMore(signUp.missingFields);
    show(signUpForm, verifyForm);
    await enter(clerk, signUp);
  });

  onSubmit(signInForm, async ({ identifier, password }) => {
    const signIn = await clerk.client.signIn.create({ identifier, password });
    if (signIn.status !== "complete") throw wantsMore([signIn.status]);
    await enter(clerk, signIn);
  });

  byId("other-address").addEventListener("click", () => show(signUpForm, verifyForm));
}

/** @param {any} clerk @param {{ createdSessionId: string }} attempt */
async function enter(clerk, { createdSessionId }) {
  await clerk.setActive({ session: createdSessionId });
  for (const id of ["sign-up", "verify", "sign-in"]) byId(id).reset();
}

/** Returns the error for an instance that requires more than the address and the password. @param {string[]} what */
const wantsMore = (what) =>
  new Error(`This page cannot sign you in: your Clerk instance also requires ${what.join(", ")}`);

/** @param {HTMLFormElement} form @param {HTMLFormElement} other */
function show(form, other) {
  form.hidden = false;
  other.hidden = true;
  showError(form, "");
  form.querySelector("input")?.focus();
}
