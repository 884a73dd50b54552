/**
 * The signed-in user's row, as returned by `profile` and by the Data API.
 */
import { dataOf } from "./clients.js";
import { byId, element, pause } from "./dom.js";

/** Milliseconds to wait for the webhook before calling `profile`. A real front end calls it at once. */
const WEBHOOK_WAIT_MS = 1_500;
/** Milliseconds to wait until a change reaches the row. */
const CHANGE_WAIT_MS = 20_000;

/** The columns shown as fields. The responses below show all columns. */
const SHOWN = ["id", "clerk_user_id", "email", "first_name", "created_at", "updated_at", "last_sign_in_at"];

/** @typedef {Record<string, any>} Row */

/**
 * @param {any} supabase
 */
export function createRowView(supabase) {
  let shown = /** @type {Row | undefined} */ (undefined);
  /** Incremented on sign-out, so that waiting for the previous user's row stops. */
  let visit = 0;

  /** @returns {Promise<Row | undefined>} */
  const read = async () => (await dataOf(await supabase.from("users").select()))[0];

  async function refresh() {
    const mine = visit;
    const row = await read();
    // After a sign-out, profile would answer 401.
    if (mine !== visit || !row || JSON.stringify(row) === JSON.stringify(shown)) return row;
    const profile = await dataOf(await supabase.functions.invoke("profile", { method: "GET" }));
    if (mine !== visit) return row;
    render(row, profile, shown);
    shown = row;
    return row;
  }

  /** Reads the row until it matches; returns undefined after `waitMs` or a sign-out. */
  async function until(/** @type {(row: Row) => boolean} */ isRight, /** @type {number} */ waitMs) {
    const end = Date.now() + waitMs;
    const mine = visit;
    while (true) {
      const row = mine === visit ? await refresh() : undefined;
      if (mine !== visit) return undefined;
      if (row && isRight(row)) return row;
      if (Date.now() > end) return undefined;
      await pause(250);
    }
  }

  return {
    read,
    refresh,
    /** Waits until the row has this value. */
    becomes: (/** @type {string} */ column, /** @type {unknown} */ value) =>
      until((row) => row[column] === value, CHANGE_WAIT_MS),
    /** Waits for the row; calls `profile` if the webhook is late. @returns which of the two wrote the row */
    async arrives() {
      const mine = visit;
      if (await until(() => true, WEBHOOK_WAIT_MS)) return "webhook";
      if (mine !== visit) return undefined;
      await dataOf(await supabase.functions.invoke("profile", { method: "GET" }));
      await refresh();
      return "profile";
    },
    clear() {
      shown = undefined;
      visit++;
      byId("row").replaceChildren();
      for (const id of ["profile-answer", "users-answer"]) byId(id).textContent = "";
    },
  };
}

/** @param {Row} row @param {Row} profile @param {Row | undefined} before */
function render(row, profile, before) {
  byId("row").replaceChildren(...SHOWN.map((name) => {
    const changed = before && before[name] !== row[name] ? { class: "changed" } : {};
    return element("div", changed, element("dt", {}, name), element("dd", {}, String(row[name] ?? "–")));
  }));
  byId("profile-answer").textContent = JSON.stringify(profile, null, 2);
  byId("users-answer").textContent = JSON.stringify([row], null, 2);
}
