/**
 * Describes events and outcomes of webhook messages.
 */

/** @type {Record<string, string>} */
const OUTCOMES = {
  created: "a new row",
  updated: "the row changed",
  deleted: "the row was deleted permanently",
  unchanged: "newer, but nothing to write",
  stale: "out of date: skipped",
  pending: "waits for its user or organization",
  kept: "stored, because you keep events of this type",
  duplicate: "already processed: skipped",
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

/** Describes an event. @param {string} type */
export const describeEvent = (type) => EVENTS[type] ?? "Another event";

/**
 * Describes the outcome of one delivery.
 *
 * @param {{ status: number, outcome: string | null }} attempt
 * @returns {{ word: string, meaning: string }}
 */
export function describeAttempt({ status, outcome }) {
  if (status === 0) return { word: "no answer", meaning: "will be retried" };
  if (status >= 300) return { word: "refused", meaning: `${status} ${outcome ?? ""}, will be retried` };
  return { word: outcome ?? "taken", meaning: OUTCOMES[outcome ?? ""] ?? "" };
}

/**
 * Counts outcomes, most frequent first: "3 duplicate, 1 stale".
 *
 * @param {Array<{ status: number, outcome: string | null }>} attempts
 */
export function countOutcomes(attempts) {
  const counts = new Map();
  for (const { word } of attempts.map(describeAttempt)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([word, count]) => `${count} ${word}`).join(", ");
}
