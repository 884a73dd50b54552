/**
 * A project whose functions are served by the local stack or by `supabase functions serve`. Tests use it only from the
 * outside, like any client.
 *
 * @module
 */
import { SignJWT } from "jose";
import { type Instance, keyIdOf, signingKey } from "../../../dev/clerk/keys.ts";
import { signWebhook } from "../../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import userCreated from "../../../project/user_created.json" with { type: "json" };
import { sessionClaims } from "../../../dev/clerk/issuer.ts";
import { checkedFetch } from "./openapi.ts";
import { startTestStack } from "./stack.ts";

/** The project's address, and the Clerk instance of its users. */
export interface Served {
  url: string;
  publishableKey: string;
  secretKey: string;
  /** The issuer that the functions are configured with. */
  issuer: string;
  instance: Instance;
}

/** A served project, with functions for tests. */
export interface ServedProject extends Served {
  /** Calls a function; fails if the OpenAPI document does not describe the response. */
  call: (name: string, init?: RequestInit) => Promise<Response>;
  /** Delivers a webhook about a user; returns the outcome. */
  deliver: (type: string, user: Record<string, unknown>, messageId?: string) => Promise<string>;
  /** Signs a session token. */
  token: (userId: string) => Promise<string>;
  stop: () => Promise<void>;
}

/** Opens the project that `TEST_SERVED` describes, or otherwise starts a local stack. */
export async function openServedProject(): Promise<ServedProject> {
  const given = Deno.env.get("TEST_SERVED");
  if (given !== undefined) return describe(JSON.parse(given), () => Promise.resolve());
  const stack = await startTestStack();
  const { publishable, secret } = stack.keys;
  return describe({
    url: stack.url,
    publishableKey: publishable,
    secretKey: secret,
    issuer: stack.clerkUrl,
    instance: stack.clerk.state.instance,
  }, stack.stop);
}

function describe(served: Served, stop: () => Promise<void>): ServedProject {
  const fetch = checkedFetch(served.url, (name) => name);
  const call = (name: string, init?: RequestInit) => fetch(`${served.url}/functions/v1/${name}`, init);
  return {
    ...served,
    call,
    deliver: async (type, user, messageId = `msg_${crypto.randomUUID()}`) => {
      const body = JSON.stringify({
        ...userCreated,
        type,
        data: { ...(type === "user.deleted" ? {} : userCreated.data), ...user },
        instance_id: served.instance.id,
        timestamp: Date.now(),
      });
      const headers = signWebhook(body, served.instance.webhookSecret, { messageId, sentAt: Date.now() });
      const response = await call("clerk-webhook", { method: "POST", body, headers });
      return (await response.json()).outcome;
    },
    token: async (userId) =>
      await new SignJWT(sessionClaims(served.issuer, Math.floor(Date.now() / 1000), { sub: userId }))
        .setProtectedHeader({ alg: "RS256", kid: keyIdOf(served.instance), typ: "JWT" })
        .sign(await signingKey(served.instance)),
    stop,
  };
}
