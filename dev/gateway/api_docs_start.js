/**
 * Starts the viewer, signed in. It is a separate file because the page's policy forbids inline scripts.
 */

/** The name of the security scheme in the document. */
const SCHEME = "sessionToken";

/** Seconds after which the next request gets a new token. A token is valid for a minute. */
const FRESH_SECONDS = 30;

let filled = { token: "", atMs: 0 };

/** @returns {Promise<{ email: string | null, token: string } | null>} The caller, with a new token. */
async function readCaller() {
  const response = await fetch("/docs/caller.json");
  return response.ok ? await response.json() : null;
}

async function signIn() {
  const caller = await readCaller();
  if (caller) {
    filled = { token: caller.token, atMs: Date.now() };
    viewer.preauthorizeApiKey(SCHEME, caller.token);
  }
  document.getElementById("caller").textContent = caller
    ? `Calls carry a session token of ${caller.email ?? "a user without an address"}, who signed in last.`
    : "Nobody has signed in: sign up on the demo page, or paste a session token under Authorize.";
}

/** Replaces the token that this page filled in, but not a pasted one. */
async function withFreshToken(request) {
  const isOurs = filled.token !== "" && request.headers?.Authorization === `Bearer ${filled.token}`;
  if (!isOurs || Date.now() - filled.atMs < FRESH_SECONDS * 1_000) return request;
  await signIn();
  request.headers.Authorization = `Bearer ${filled.token}`;
  return request;
}

const viewer = SwaggerUIBundle({
  url: "/functions/v1/openapi",
  dom_id: "#viewer",
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: withFreshToken,
  // The viewer does not know the scheme before it has loaded the document.
  onComplete: () => void signIn(),
});
