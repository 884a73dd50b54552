/**
 * A sign-up as a page does it, by the calls that clerk-js makes, up to the profile.
 *
 * @module
 */
import type { Stack } from "../dev/stack.ts";

const ORIGIN = "http://localhost:8000";
/** Longer than a measurement takes. */
const NEVER_MS = 3_600_000;

/** Clerk's response to a sign-up. */
export interface SignedUp {
  userId: string;
  /** The session token that the page sends to functions. */
  token: string;
}

let people = 0;

/** Signs somebody up by the Frontend API. */
export async function signUp({ clerkUrl }: Stack): Promise<SignedUp> {
  const body = new URLSearchParams({ email_address: `person${++people}@example.com`, password: "correct horse" });
  const response = await fetch(`${clerkUrl}/__clerk/v1/client/sign_ups`, {
    method: "POST",
    headers: { origin: ORIGIN },
    body,
  });
  if (!response.ok) throw new Error(`Cannot measure: the sign-up answers ${response.status}`);
  const [session] = (await response.json()).client.sessions;
  return { userId: session.user.id, token: session.last_active_token.jwt };
}

/** Holds the simulator's webhooks back, or sends them at once. */
export async function holdWebhooks({ clerkUrl }: Stack, isHeld: boolean): Promise<void> {
  const response = await fetch(`${clerkUrl}/dev/delay?ms=${isHeld ? NEVER_MS : 0}`, { method: "POST" });
  if (!response.ok) throw new Error(`Cannot hold webhooks back: ${response.status}`);
  await response.body?.cancel();
}

/** Waits until the webhook about a new user has been answered. */
export async function waitForWebhook({ clerk: { state } }: Stack, userId: string): Promise<void> {
  const isAbout = ({ type, body }: { type: string; body: string }) => type === "user.created" && body.includes(userId);
  const message = [...state.messages.values()].findLast(isAbout);
  if (!message) throw new Error(`Cannot measure: no webhook is about ${userId}`);
  while (message.state === "sending") await new Promise((resolve) => setTimeout(resolve, 1));
  if (message.state === "failed") throw new Error(`Cannot measure: the webhook about ${userId} failed`);
}

/** Throws unless the caller's profile is there. */
export async function requireProfile({ url, keys }: Stack, name: string, { userId, token }: SignedUp): Promise<void> {
  const response = await fetch(`${url}/functions/v1/${name}`, {
    headers: { apikey: keys.publishable, authorization: `Bearer ${token}`, origin: ORIGIN },
  });
  const text = await response.text();
  if (response.status !== 200 || !text.includes(userId)) {
    throw new Error(`Cannot measure: ${name} answers ${response.status} ${text}`);
  }
}
