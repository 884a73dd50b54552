/**
 * What became of a webhook message, in words.
 */

/** @type {Record<string, string>} */
const OUTCOMES = {
  created: "a new row",
  updated: "the row changed",
  deleted: "the row is gone, for good",
  unchanged: "newer than what was known, but nothing to write",
  stale: "older than what is known: skipped",
  pending: "waits for its user or organization",
  kept: "an event of a type that you keep",
  duplicate: "taken before: skipped",
  ignored: "an example, or not stored",
};

/** @type {Record<string, string>} */
const EVENTS = {
  "user.created": "A new user",
  "user.updated": "The user changed",
  "user.deleted": "The user was deleted",
  "session.created": "The user signed in",
  "email.created": "An e-mail with a code",
  "sms.created": "A text message with a code",
  "organization.created": "A new organization",
  "organization.updated": "The organization changed",
  "organization.deleted": "The organization was deleted",
  "organizationMembership.created": "The user joined the organization",
  "organizationMembership.updated": "The user's role or membership changed",
  "organizationMembership.deleted": "The user left the organization",
};

/** What an event says. @param {string} type */
export const describeEvent = (type) => EVENTS[type] ?? "An event of Clerk";

/**
 * What became of one delivery.
 *
 * @param {{ status: number, outcome: string | null }} attempt
 * @returns {{ word: string, meaning: string }}
 */
export function describeAttempt({ status, outcome }) {
  if (status === 0) return { word: "no answer", meaning: "to be tried again" };
  if (status >= 300) return { word: "refused", meaning: `${status} ${outcome ?? ""}, to be tried again` };
  return { word: outcome ?? "taken", meaning: OUTCOMES[outcome ?? ""] ?? "" };
}

/**
 * Counts outcomes, the most frequent first: "3 duplicate, 1 stale".
 *
 * @param {Array<{ status: number, outcome: string | null }>} attempts
 */
export function countOutcomes(attempts) {
  const counts = new Map();
  for (const { word } of attempts.map(describeAttempt)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([word, count]) => `${count} ${word}`).join(", ");
}
