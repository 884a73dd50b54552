/**
 * Checks the headers of a signed message before its body is read. Imports no package.
 *
 * @module
 */
import { ApiError } from "../errors.ts";

/** Largest difference between the time of an attempt and our clock: Svix's own tolerance. */
const TOLERANCE_SECONDS = 300;

/** Version 1, the only one: 32 bytes in base64. */
const SIGNATURE = /^v1,[A-Za-z0-9+/]{43}=$/;

/**
 * Returns the headers of a message. Throws for headers that no body could match.
 *
 * @param headers The request's headers.
 * @param now The time, in milliseconds.
 * @returns The headers. They are not trusted before the signature is verified.
 * @throws {ApiError} `WEBHOOK_HEADERS_MISSING`, `WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE` or `WEBHOOK_SIGNATURE_INVALID`.
 */
export function requireWebhookHeaders(headers: Headers, now: number): SignedHeaders {
  const given = readHeaders(headers);
  // The svix package would read "123abc" as 123.
  if (!/^\d{1,12}$/.test(given.timestamp)) throw badSignature("the timestamp is not a number");
  const age = Math.floor(now / 1000) - Number(given.timestamp);
  if (Math.abs(age) > TOLERANCE_SECONDS) {
    throw new ApiError(
      "WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE",
      `Cannot verify webhook: the timestamp is ${Math.abs(age)} s ${
        age > 0 ? "old" : "ahead"
      } (limit ${TOLERANCE_SECONDS} s)`,
    );
  }
  if (!given.signature.split(" ").some((one) => SIGNATURE.test(one))) throw badSignature("no signature has version v1");
  return given;
}

/** The headers of a message, not verified. */
export interface SignedHeaders {
  id: string;
  timestamp: string;
  signature: string;
}

function readHeaders(headers: Headers): SignedHeaders {
  for (const family of ["svix", "webhook"]) {
    const [id, timestamp, signature] = ["id", "timestamp", "signature"].map((name) => headers.get(`${family}-${name}`));
    if (id && timestamp && signature) return { id, timestamp, signature };
  }
  throw new ApiError(
    "WEBHOOK_HEADERS_MISSING",
    "Cannot verify webhook: the request needs svix-id, svix-timestamp and svix-signature",
  );
}

/** Creates the error of a signature that does not match. */
export function badSignature(reason: string): ApiError {
  return new ApiError("WEBHOOK_SIGNATURE_INVALID", `Cannot verify webhook: ${reason}`);
}
