/**
 * Shows the webhook messages of one user, of the user's organizations and of Clerk's examples as they are delivered.
 */
import { byId, element } from "./dom.js";
import { describeAttempt, describeEvent } from "./words.js";

/** Milliseconds between requests to the simulator while the page is visible. */
const POLL_INTERVAL_MS = 500;
/** The most deliveries shown. */
const MAX_DELIVERIES = 60;

/**
 * @typedef {import("./simulator.js").Message} Message
 * @typedef {import("./simulator.js").Attempt} Attempt
 * @typedef {{ key: string, message: Message, attempt: Attempt | undefined, number: number }} Delivery
 */

/**
 * Keeps the timeline up to date.
 *
 * @param {{ messages: (userId: string, organizationIds: string[], ids: string[]) => Promise<Message[]> }} simulator
 * @param {() => unknown} landed Called after new deliveries.
 */
export function keepTimeline(simulator, landed) {
  let followed = /** @type {string | undefined} */ (undefined);
  let organizations = /** @type {string[]} */ ([]);
  let examples = /** @type {string[]} */ ([]);
  let shown = "";
  let known = new Set();

  async function update() {
    const user = followed;
    if (user === undefined) return;
    const deliveries = deliveriesOf(await simulator.messages(user, organizations, examples));
    const text = JSON.stringify(deliveries);
    if (text === shown || user !== followed) return;
    render(deliveries, known);
    known = new Set(deliveries.map(({ key }) => key));
    shown = text;
    await landed();
  }

  // A failed request, such as the last one of a user who signs out, is repeated at the next interval.
  setInterval(() => {
    if (!document.hidden) update().catch(() => undefined);
  }, POLL_INTERVAL_MS);

  return {
    /** @param {string} userId The user whose messages to show from now on. */
    follow(userId) {
      if (userId === followed) return;
      followed = userId;
      organizations = [];
      examples = [];
      shown = "";
      known = new Set();
      render([], known);
    },
    /** @param {string[]} ids Organizations whose messages to show too. */
    followOrganizations(ids) {
      organizations = ids;
    },
    /** @param {string[]} ids Messages to show in addition until the user changes. */
    showToo(ids) {
      examples = ids;
    },
  };
}

/** Returns one delivery per attempt, newest first. A message without an attempt is still on its way. */
function deliveriesOf(/** @type {Message[]} */ messages) {
  const deliveries = messages.flatMap((message) => /** @type {Delivery[]} */ ([
    ...(message.attempts.length === 0 ? [{ key: message.id, message, attempt: undefined, number: 1 }] : []),
    ...message.attempts.map((attempt, i) => ({ key: `${message.id} ${i}`, message, attempt, number: i + 1 })),
  ]));
  const time = (/** @type {Delivery} */ { attempt }) => attempt?.at ?? Infinity;
  return deliveries.sort((a, b) => time(a) < time(b) ? 1 : -1).slice(0, MAX_DELIVERIES);
}

/** @param {Delivery[]} deliveries @param {Set<string>} known */
function render(deliveries, known) {
  byId("no-deliveries").hidden = deliveries.length > 0;
  byId("deliveries").replaceChildren(...deliveries.map((delivery) => item(delivery, known)));
}

/** @param {Delivery} delivery @param {Set<string>} known */
function item({ key, message, attempt, number }, known) {
  const { word, meaning } = attempt ? describeAttempt(attempt) : { word: "on its way", meaning: "" };
  const event = describeEvent(message.type) + (message.code ? `: ${message.code}` : "");
  return element(
    "li",
    { "data-outcome": word, ...(known.has(key) ? {} : { class: "fresh" }) },
    element(
      "p",
      { class: "what" },
      element("code", {}, message.type),
      element("span", { class: "outcome" }, word),
    ),
    element("p", {}, meaning === "" ? event : `${event} → ${meaning}`),
    element(
      "p",
      { class: "when" },
      `${attempt ? clockTime(attempt.at) : "—"} · …${message.id.slice(-6)}${number > 1 ? ` · delivery ${number}` : ""}`,
    ),
  );
}

/**
 * Returns the time with milliseconds, because deliveries are often less than a second apart. @param {number} instant
 */
const clockTime = (instant) =>
  new Date(instant).toLocaleTimeString("en-GB", {
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
    fractionalSecondDigits: 3,
  });
