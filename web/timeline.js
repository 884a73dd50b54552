/**
 * The webhook messages of one user, its organizations, and Clerk's examples, as they land.
 */
import { byId, element } from "./dom.js";
import { describeAttempt, describeEvent } from "./words.js";

/** How often the simulator is asked while the page is visible, in milliseconds. */
const INTERVAL = 500;
/** The most deliveries that are shown. */
const LONGEST = 60;

/**
 * @typedef {import("./simulator.js").Message} Message
 * @typedef {import("./simulator.js").Attempt} Attempt
 * @typedef {{ key: string, message: Message, attempt: Attempt | undefined, number: number }} Delivery
 */

/**
 * Keeps the timeline.
 *
 * @param {{ messages: (userId: string, organizationIds: string[], ids: string[]) => Promise<Message[]> }} simulator
 * @param {() => unknown} landed Called when there is news.
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

  // What fails, such as the last question of a user who signs out, is asked again with the next news.
  setInterval(() => {
    if (!document.hidden) update().catch(() => undefined);
  }, INTERVAL);

  return {
    /** @param {string} userId Whose messages to show, until there is another user. */
    follow(userId) {
      if (userId === followed) return;
      followed = userId;
      organizations = [];
      examples = [];
      shown = "";
      known = new Set();
      render([], known);
    },
    /** @param {string[]} ids Organizations whose messages to show, too. */
    followOrganizations(ids) {
      organizations = ids;
    },
    /** @param {string[]} ids Messages to show beside the user's, until there is another user. */
    showToo(ids) {
      examples = ids;
    },
  };
}

/** Each attempt is a delivery of its own; a message without any is on its way. The newest first. */
function deliveriesOf(/** @type {Message[]} */ messages) {
  const deliveries = messages.flatMap((message) => /** @type {Delivery[]} */ ([
    ...(message.attempts.length === 0 ? [{ key: message.id, message, attempt: undefined, number: 1 }] : []),
    ...message.attempts.map((attempt, i) => ({ key: `${message.id} ${i}`, message, attempt, number: i + 1 })),
  ]));
  const time = (/** @type {Delivery} */ { attempt }) => attempt?.at ?? Infinity;
  return deliveries.sort((a, b) => time(a) < time(b) ? 1 : -1).slice(0, LONGEST);
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

/** With milliseconds, by which deliveries differ. @param {number} instant */
const clockTime = (instant) =>
  new Date(instant).toLocaleTimeString("en-GB", {
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
    fractionalSecondDigits: 3,
  });
