/**
 * Fingerprints of texts.
 *
 * @module
 */

/**
 * Returns the SHA-256 hash of a text.
 *
 * @param text The text.
 * @returns Hexadecimal digits.
 */
export async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
