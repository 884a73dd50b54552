/**
 * Calls the simulator's own routes: webhook messages, Clerk's examples and faults.
 */

/**
 * @typedef {{ at: number, status: number, outcome: string | null }} Attempt
 * @typedef {{ id: string, type: string, code?: string, attempts: Attempt[] }} Message
 */

/**
 * @param {string} url The simulator's URL.
 */
export function createSimulator(url) {
  async function ask(/** @type {string} */ method, /** @type {string} */ path) {
    const response = await fetch(`${url}/dev/${path}`, { method });
    const body = await response.json();
    if (!response.ok) throw new Error(body.errors?.[0]?.message ?? `The simulator answered ${response.status}`);
    return body;
  }
  return {
    /**
     * Returns the messages of the user, of these organizations and with these ids.
     *
     * @type {(userId: string, organizationIds: string[], ids: string[]) => Promise<Message[]>}
     */
    messages: (userId, organizationIds, ids) => {
      const query = new URLSearchParams([
        ["user_id", userId],
        ...organizationIds.map((id) => ["organization_id", id]),
        ...ids.map((id) => ["id", id]),
      ]);
      return ask("GET", `messages?${query}`);
    },
    /**
     * Sends every example event of Clerk's dashboard.
     *
     * @type {() => Promise<Message[]>}
     */
    sendExamples: () => ask("POST", "examples"),
    /**
     * Delivers the user's messages again: `twice`, `late` or `reversed`. `twice` keeps their ids. The other orders use
     * new ids, so that the version of each message decides. Returns the deliveries.
     */
    replay: (/** @type {string} */ order, /** @type {string} */ userId) => {
      const query = new URLSearchParams({ order, user_id: userId, fresh_ids: String(order !== "twice") });
      return ask("POST", `messages/replay?${query}`);
    },
    switches: () => ask("GET", "switches"),
    /** Delays the first attempt of every message. */
    delay: (/** @type {number} */ milliseconds) => ask("POST", `delay?ms=${milliseconds}`),
  };
}
