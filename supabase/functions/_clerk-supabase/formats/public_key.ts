/**
 * Parses `CLERK_JWT_KEY`: Clerk's public key, in every form in which people paste it.
 *
 * @module
 */
import { decodeBase64 } from "./base64.ts";

/** An RSA key of 2,048 bits in base64 is this prefix, the modulus, and this suffix. */
const RSA_PREFIX = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";
const RSA_SUFFIX = "IDAQAB";
const MODULUS_BYTES = 256;
/** Bytes 4 to 18 of an RSA public key in DER, which name the algorithm. */
const RSA_ALGORITHM = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/** Length of the shortest safe key, which has 2,048 bits. */
const MIN_KEY_BYTES = 294;

/**
 * Parses a public RSA key as Clerk's own SDK does. It also accepts the forms that environments produce: with or without
 * the lines BEGIN and END, on one line or several, with line breaks written as `\n`, in quotes, or only the modulus.
 *
 * @param text The pasted key.
 * @returns The key as PEM, or undefined if this is not a public RSA key of at least 2,048 bits.
 *
 * @example
 * ```ts
 * import { parsePublicKey } from "./public_key.ts";
 *
 * const modulus = btoa("m".repeat(256)).replace(/=+$/, "");
 * const pem = parsePublicKey(modulus);
 * if (!pem?.startsWith("-----BEGIN PUBLIC KEY-----\n")) throw new Error();
 * if (parsePublicKey(`"${pem.replaceAll("\n", "\\n")}"`) !== pem) throw new Error();
 * if (parsePublicKey("-----BEGIN PRIVATE KEY-----") !== undefined) throw new Error();
 * ```
 */
export function parsePublicKey(text: string): string | undefined {
  const encoded = stripFrame(text);
  const bytes = encoded === undefined ? undefined : decodeBase64(encoded);
  if (encoded === undefined || bytes === undefined) return undefined;
  if (bytes.length === MODULUS_BYTES) return frame(RSA_PREFIX + encoded.replace(/=+$/, "") + RSA_SUFFIX);
  const isRsa = RSA_ALGORITHM.every((byte, index) => bytes[4 + index] === byte);
  return isRsa && bytes.length >= MIN_KEY_BYTES ? frame(encoded) : undefined;
}

/** Returns only the base64. Undefined for a text with other frame lines, such as a private key or a certificate. */
function stripFrame(text: string): string | undefined {
  const unquoted = /^\s*(["'])(.*)\1\s*$/s.exec(text)?.[2] ?? text;
  const body = unquoted.replace(/\\r|\\n/g, "\n")
    .replace("-----BEGIN PUBLIC KEY-----", "").replace("-----END PUBLIC KEY-----", "")
    .replace(/\s/g, "");
  return body.includes("-----") ? undefined : body.replaceAll("-", "+").replaceAll("_", "/");
}

function frame(encoded: string): string {
  const lines = encoded.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----"].join("\n");
}
