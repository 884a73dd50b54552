/**
 * The environment of the measured functions: signing keys, the Data API, and requests that succeed.
 *
 * @module
 */
import type { JSONWebKeySet } from "jose";
import { createIssuer, type Issuer, sessionClaims } from "../dev/clerk/issuer.ts";
import { signWebhook } from "../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import userCreated from "../project/user_created.json" with { type: "json" };

/** Requests to each kind of function. */
export type Kind = "clerk-webhook" | "profile";

/** A platform for functions under measurement. */
export interface Platform {
  /** The variables of every function and of every alternative. */
  env: Record<string, string>;
  /** Creates requests that succeed: a webhook about one of the users, or a request of one of them. */
  requests: Record<Kind, () => Promise<RequestInit>>;
  /** How many requests came from functions so far. */
  calls: () => number;
  stop: () => Promise<void>;
}

/** Answers `/rest/v1/…`, knowing whose tokens to take. */
export type DataApiOf = (jwks: JSONWebKeySet) => (request: Request) => Response | Promise<Response>;

const SECRET = `whsec_${btoa("a secret of twenty-four bytes".slice(0, 24))}`;
/** How many users the requests are about. */
export const USERS = 100;

/**
 * Starts the platform.
 *
 * @param dataApiOf Creates the Data API; one that responds immediately unless given.
 * @returns The platform.
 */
export async function startPlatform(dataApiOf: DataApiOf = () => answerAtOnce): Promise<Platform> {
  const clerk = await createIssuer({ issuer: "https://bench.clerk.accounts.dev" });
  const dataApi = dataApiOf(clerk.jwks);
  let calls = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    calls++;
    return new URL(request.url).pathname === "/jwks" ? Response.json(clerk.jwks) : dataApi(request);
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return {
    env: variables(url, clerk),
    requests: { "clerk-webhook": () => Promise.resolve(delivery()), "profile": () => call(clerk) },
    calls: () => calls,
    stop: () => server.shutdown(),
  };
}

/** The keys of a project, under each of their names. */
export const KEYS = { publishable: "sb_publishable_bench", secret: "sb_secret_bench" };

function variables(url: string, clerk: Issuer): Record<string, string> {
  return {
    SUPABASE_URL: url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: KEYS.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: KEYS.secret }),
    SUPABASE_ANON_KEY: KEYS.publishable,
    SUPABASE_SERVICE_ROLE_KEY: KEYS.secret,
    SUPABASE_JWKS: JSON.stringify(clerk.jwks),
    CLERK_PUBLISHABLE_KEY: `pk_test_${btoa("bench.clerk.accounts.dev$")}`,
    CLERK_JWKS_URL: `${url}/jwks`,
    CLERK_API_URL: url,
    CLERK_SECRET_KEY: "sk_test_bench",
    CLERK_JWT_KEY: clerk.pem,
    CLERK_WEBHOOK_SECRET: SECRET,
  };
}

let requests = 0;
const nextUser = () => `user_bench${requests++ % USERS}`;

/** A new message each time, whose user changed again. */
function delivery(): RequestInit {
  const id = nextUser();
  const address = { ...userCreated.data.email_addresses[1], id: "idn_bench", email_address: `${id}@example.com` };
  const data = {
    ...userCreated.data,
    id,
    email_addresses: [address],
    primary_email_address_id: address.id,
    first_name: `Ada ${requests}`,
    updated_at: Date.now() + requests,
  };
  const body = JSON.stringify({
    ...userCreated,
    type: "user.updated",
    data,
    instance_id: "ins_test",
    timestamp: Date.now(),
  });
  const headers = signWebhook(body, SECRET, { messageId: `msg_${crypto.randomUUID()}`, sentAt: Date.now() });
  return { method: "POST", body, headers: { "content-type": "application/json", ...headers } };
}

async function call(clerk: Issuer): Promise<RequestInit> {
  const claims = sessionClaims(clerk.issuer, Math.floor(Date.now() / 1000), {
    sub: nextUser(),
    // As at Clerk, no two tokens are the same.
    jti: crypto.randomUUID(),
  });
  return { headers: { authorization: `Bearer ${await clerk.sign(claims)}` } };
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

/** For cold starts, which measure the function and not the database. */
function answerAtOnce(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/rest/v1/rpc/apply_clerk_changes")) return Response.json([{ outcome: "updated" }]);
  if (pathname === "/rest/v1/plain_users") return new Response(null, { status: 201 });
  // PostgREST's way to say that exactly one row was asked for.
  const single = request.headers.get("accept")?.includes("vnd.pgrst.object");
  if (pathname === "/rest/v1/users") return Response.json(single ? ROW : [ROW]);
  return Response.json({ message: "not found" }, { status: 404 });
}
