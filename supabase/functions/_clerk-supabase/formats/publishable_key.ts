/**
 * Parses Clerk's publishable key, which contains the host of the instance's Frontend API.
 *
 * @module
 */
import { decodeBase64 } from "./base64.ts";

/**
 * Reads the Frontend API's URL, which is also the issuer of session tokens, from a publishable key: after
 * `pk_test_` or `pk_live_`, base64 of the host and a final `$`.
 *
 * @param key The publishable key.
 * @returns The URL without a trailing slash, or undefined if this is not a publishable key.
 *
 * @example
 * ```ts
 * import { frontendApiUrl } from "./publishable_key.ts";
 *
 * const url = frontendApiUrl("pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk");
 * if (url !== "https://example.accounts.dev") throw new Error(url);
 * ```
 */
export function frontendApiUrl(key: string): string | undefined {
  const encoded = /^pk_(?:test|live)_([A-Za-z0-9+/]+={0,2})$/.exec(key)?.[1];
  const bytes = encoded === undefined ? undefined : decodeBase64(encoded);
  const host = bytes && /^([a-z0-9.:-]+\.[a-z0-9.:-]+)\$$/i.exec(new TextDecoder().decode(bytes))?.[1];
  return host === undefined || !URL.canParse(`https://${host}`) ? undefined : new URL(`https://${host}`).origin;
}
