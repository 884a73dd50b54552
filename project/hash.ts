/**
 * Fingerprints of texts.
 *
 * @module
 */

/**
 * Returns the fingerprint of a text.
 *
 * @param text The text.
 * @returns SHA-256, in hexadecimal digits.
 */
export async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
