/**
 * Strict base64.
 *
 * @module
 */

/**
 * Decodes standard base64, padded or not.
 *
 * @param text The encoded text.
 * @returns The bytes, or undefined if the text is not base64.
 *
 * @example
 * ```ts
 * import { decodeBase64 } from "./base64.ts";
 *
 * if (decodeBase64("Y2xlcms=")?.length !== 5) throw new Error();
 * if (decodeBase64("not base64!") !== undefined) throw new Error();
 * ```
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
