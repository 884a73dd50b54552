/**
 * What the page asks of the simulator beyond Clerk's own API: the webhook messages, and to misbehave with them.
 */

/**
 * @typedef {{ at: number, status: number, outcome: string | null }} Attempt
 * @typedef {{ id: string, type: string, attempts: Attempt[] }} Message
 */

/**
 * @param {string} url The simulator's.
 */
export function createSimulator(url) {
  async function ask(/** @type {string} */ method, /** @type {string} */ path) {
    const response = await fetch(`${url}/dev/${path}`, { method });
    const body = await response.json();
    if (!response.ok) throw new Error(body.errors?.[0]?.message ?? `The simulator answered ${response.status}`);
    return body;
  }
  return {
    /** @type {(userId: string) => Promise<Message[]>} */
    messages: (userId) => ask("GET", `messages?user_id=${encodeURIComponent(userId)}`),
    /** Delivers the user's messages once more: `twice`, `late` or `reversed`. @returns each delivery */
    /** Twice means under the same ids; in another order, new ids let the version of each decide. */
    replay: (/** @type {string} */ order, /** @type {string} */ userId) => {
      const query = new URLSearchParams({ order, user_id: userId, fresh_ids: String(order !== "twice") });
      return ask("POST", `messages/replay?${query}`);
    },
    switches: () => ask("GET", "switches"),
    /** Holds every message back before its first attempt. */
    delay: (/** @type {number} */ milliseconds) => ask("POST", `delay?ms=${milliseconds}`),
  };
}
