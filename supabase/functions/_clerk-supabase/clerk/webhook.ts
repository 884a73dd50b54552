/**
 * Verifies the webhooks that Clerk sends through Svix. Also signs as Svix does, for the local stack, the command line
 * and the tests.
 *
 * @module
 */
import { Webhook, WebhookVerificationError } from "svix";
import { badSignature, requireWebhookHeaders } from "./webhook_headers.ts";

/** The signed values beside the body. */
export interface Delivery {
  /** The message's id, which is the same for every attempt. */
  messageId: string;
  /** Time of this attempt in milliseconds since 1970, by Svix's clock. */
  sentAt: number;
}

/** Verifies a body against its headers. */
export type VerifyWebhook = (body: string, headers: Headers) => Delivery;

/**
 * Creates a verifier that accepts a signature by any of the secrets, so that they can be rotated.
 *
 * @param secrets Signing secrets, `whsec_…`.
 * @param now The clock, in milliseconds.
 * @returns The verifier. It accepts `svix-*` or `webhook-*` headers and throws
 * `WEBHOOK_HEADERS_MISSING`, `WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE` or `WEBHOOK_SIGNATURE_INVALID`.
 */
export function createWebhookVerifier(secrets: readonly string[], now: () => number): VerifyWebhook {
  const webhooks = secrets.map((secret) => new Webhook(secret));
  return (body, headers) => {
    const { id, timestamp, signature } = requireWebhookHeaders(headers, now());
    const signed = { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": signature };
    if (!webhooks.some((webhook) => matches(webhook, body, signed))) throw badSignature("no signature matches");
    return { messageId: id, sentAt: Number(timestamp) * 1000 };
  };
}

function matches(webhook: Webhook, body: string, headers: Record<string, string>): boolean {
  try {
    webhook.verify(body, headers);
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

/**
 * Signs a body as Svix does.
 *
 * @param body The raw body.
 * @param secret The signing secret, `whsec_…`.
 * @param delivery The message's id and the time of the attempt.
 * @returns The headers to send.
 *
 * @example
 * ```ts
 * import { createWebhookVerifier, signWebhook } from "./webhook.ts";
 *
 * const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
 * const headers = signWebhook("{}", secret, { messageId: "msg_1", sentAt: Date.now() });
 * const delivery = createWebhookVerifier([secret], Date.now)("{}", new Headers(headers));
 * if (delivery.messageId !== "msg_1") throw new Error();
 * ```
 */
export function signWebhook(body: string, secret: string, delivery: Delivery): Record<string, string> {
  return {
    "svix-id": delivery.messageId,
    "svix-timestamp": String(Math.floor(delivery.sentAt / 1000)),
    "svix-signature": new Webhook(secret).sign(delivery.messageId, new Date(delivery.sentAt), body),
  };
}
