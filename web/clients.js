/**
 * Sets up Clerk and Supabase as any front end does. The settings are public and contain no secret key.
 */

/**
 * @typedef {object} Settings
 * @property {string} url The project's URL.
 * @property {string} publishableKey The project's publishable key.
 * @property {{ publishableKey: string, proxyUrl: string | null, url: string | null }} clerk `url` is the simulator's
 * URL.
 * @property {string[]} functions The names of the project's functions.
 */

/** @returns {Promise<Settings>} */
export async function readSettings() {
  return await (await fetch("/config.json")).json();
}

/**
 * Loads clerk-js, whose script reads the key and the simulator's address from its own tag.
 *
 * @param {Settings} settings
 * @returns {Promise<any>} The loaded Clerk.
 */
export async function loadClerk({ clerk }) {
  const script = document.createElement("script");
  script.src = "/web/packages/clerk.js";
  script.dataset.clerkPublishableKey = clerk.publishableKey;
  if (clerk.proxyUrl !== null) script.dataset.clerkProxyUrl = clerk.proxyUrl;
  await new Promise((resolve, reject) => {
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("Cannot load clerk-js")));
    document.head.append(script);
  });
  const { Clerk } = /** @type {any} */ (globalThis);
  await Clerk.load({ telemetry: false });
  return Clerk;
}

/**
 * Creates the project's client, whose requests carry Clerk's session token.
 *
 * @param {Settings} settings
 * @param {() => Promise<string | null>} accessToken Called for each request, because Clerk's tokens are valid for a
 * minute.
 * @returns {any} supabase-js.
 */
export function createSupabase({ url, publishableKey }, accessToken) {
  const { supabase } = /** @type {any} */ (globalThis);
  return supabase.createClient(url, publishableKey, { accessToken });
}

/**
 * Returns the data of a response of supabase-js.
 *
 * @param {{ data: any, error: any, response?: Response }} answer
 * @returns {Promise<any>} The data.
 * @throws {Error} The problem's detail from the function, or else its message.
 */
export async function dataOf({ data, error }) {
  if (!error) return data;
  const problem = await error.context?.json?.().catch(() => undefined);
  throw new Error(problem?.detail ?? problem?.message ?? error.message);
}
