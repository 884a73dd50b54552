/**
 * Merges metadata of users and organizations.
 *
 * @module
 */

/** Metadata, or a part of it. */
type Metadata = Record<string, unknown>;

/**
 * Merges metadata as Clerk does: it keeps unnamed keys, merges objects recursively, and removes a key whose value is
 * null.
 *
 * @param metadata The current metadata.
 * @param change The changes.
 * @returns The merged metadata.
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
