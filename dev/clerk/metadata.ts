/**
 * Changing a part of a user's metadata.
 *
 * @module
 */

/** Metadata, or a part of them. */
type Metadata = Record<string, unknown>;

/**
 * Merges metadata as Clerk does: what is not named stays, objects are merged likewise, and null takes a key away.
 *
 * @param metadata What there is.
 * @param change What to change.
 * @returns What there is then.
 */
export function mergeMetadata(metadata: Metadata, change: Metadata): Metadata {
  const merged = new Map(Object.entries(metadata));
  for (const [key, value] of Object.entries(change)) {
    const former = merged.get(key);
    if (value === null) merged.delete(key);
    else merged.set(key, isMetadata(value) ? mergeMetadata(isMetadata(former) ? former : {}, value) : value);
  }
  return Object.fromEntries(merged);
}

function isMetadata(value: unknown): value is Metadata {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
