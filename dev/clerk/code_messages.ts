/**
 * Builds Clerk's webhook events for e-mails and text messages with a code.
 *
 * @module
 */
import { createId } from "./keys.ts";

/** A code to send. */
export interface CodeMessage {
  kind: "email" | "phone";
  /** The address or the number. */
  to: string;
  code: string;
  /** Clerk's name for the template. */
  slug: "verification_code" | "reset_password_code";
  /** The user's id; undefined during a sign-up. */
  userId?: string | undefined;
}

/**
 * Returns the event of a code.
 *
 * @param message The code and its recipient.
 * @returns The event's type and data.
 */
export function codeEvent({ kind, to, code, slug, userId }: CodeMessage): [type: string, data: unknown] {
  const text = `${code} is your verification code`;
  const common = {
    slug,
    status: "queued",
    user_id: userId ?? null,
    data: { otp_code: code },
    // The simulator does not deliver the message; an app that sends Clerk's e-mails itself would.
    delivered_by_clerk: false,
  };
  if (kind === "phone") {
    return ["sms.created", {
      object: "sms_message",
      id: createId("sms"),
      from_phone_number: null,
      to_phone_number: to,
      phone_number_id: null,
      message: text,
      ...common,
    }];
  }
  return ["email.created", {
    object: "email",
    id: createId("ema"),
    from_email_name: "noreply",
    to_email_address: to,
    email_address_id: null,
    subject: text,
    body: text,
    body_plain: text,
    ...common,
  }];
}
