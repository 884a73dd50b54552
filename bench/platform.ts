/**
 * What functions need around them, answering at once: signing keys, the RPC, the caller's row. What is measured is the
 * function, not a database.
 *
 * @module
 */
import { createIssuer, sessionClaims } from "../tests/helpers/issuer.ts";
import { signWebhook } from "../supabase/functions/_shared/clerk/webhook.ts";
import userCreated from "../tests/fixtures/user_created.json" with { type: "json" };

/** A platform for functions under measurement. */
export interface Platform {
  /** The variables of every function and of every alternative. */
  env: Record<string, string>;
  /** Requests that succeed, by function. */
  requests: Record<"clerk-webhook" | "profile", () => Promise<RequestInit>>;
  /** How many requests came from functions. */
  calls: () => number;
  stop: () => Promise<void>;
}

const SECRET = `whsec_${btoa("a secret of twenty-four bytes".slice(0, 24))}`;

/**
 * Starts the platform.
 *
 * @returns The platform.
 */
export async function startPlatform(): Promise<Platform> {
  let calls = 0;
  const clerk = await createIssuer({ issuer: "https://bench.clerk.accounts.dev" });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    calls++;
    return answer(new URL(request.url).pathname, clerk.jwks);
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return {
    env: {
      SUPABASE_URL: url,
      SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_bench"}',
      SUPABASE_SECRET_KEYS: '{"default":"sb_secret_bench"}',
      CLERK_PUBLISHABLE_KEY: `pk_test_${btoa("bench.clerk.accounts.dev$")}`,
      CLERK_JWKS_URL: `${url}/jwks`,
      CLERK_API_URL: url,
      CLERK_SECRET_KEY: "sk_test_bench",
      CLERK_WEBHOOK_SECRET: SECRET,
    },
    requests: {
      "clerk-webhook": () => Promise.resolve(delivery()),
      "profile": async () => {
        const claims = sessionClaims(clerk.issuer, Math.floor(Date.now() / 1000), { sub: "user_bench" });
        return { headers: { authorization: `Bearer ${await clerk.sign(claims)}` } };
      },
    },
    calls: () => calls,
    stop: () => server.shutdown(),
  };
}

function delivery(): RequestInit {
  const body = JSON.stringify({ ...userCreated, instance_id: "ins_test", timestamp: Date.now() });
  const headers = signWebhook(body, SECRET, { messageId: `msg_${crypto.randomUUID()}`, sentAt: Date.now() });
  return { method: "POST", body, headers: { "content-type": "application/json", ...headers } };
}

const ROW = {
  id: "6f0cf4a3-1d0f-4f5e-9d58-0d0f4f5e9d58",
  clerk_user_id: "user_bench",
  email: "ada@example.com",
  first_name: "Ada",
  last_name: null,
  profile_image_url: null,
  username: null,
  created_at: "2026-11-23T00:00:00+00:00",
  updated_at: "2026-11-23T00:00:00+00:00",
  last_sign_in_at: null,
  metadata: {},
};

function answer(path: string, jwks: unknown): Response {
  if (path.endsWith("/jwks")) return Response.json(jwks);
  if (path === "/rest/v1/rpc/apply_clerk_changes") return Response.json([{ outcome: "created" }]);
  if (path === "/rest/v1/users") return Response.json([ROW]);
  return Response.json({ message: "not found" }, { status: 404 });
}
