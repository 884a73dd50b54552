/**
 * A Clerk with a few routes and real keys. Tests choose its users, sessions, tokens and faults; the simulator of `dev/`
 * never fails.
 *
 * @module
 */
import { publishableKey } from "../../../dev/clerk/keys.ts";
import { listen } from "../../../project/listen.ts";
import { type Claims, createIssuer, type Issuer, sessionClaims } from "../../../dev/clerk/issuer.ts";

/** The text of this Clerk's errors, which no response may repeat. */
export const CANARY = "canary-in-an-error-of-clerk";

/** A running instance. */
export interface FakeClerk {
  url: string;
  issuer: Issuer;
  /** The settings that a function needs for this Clerk. */
  variables: Record<string, string>;
  /** The state that determines its responses from now on. */
  state: FakeState;
  /** Method and path of every request. */
  requests: string[];
  close: () => Promise<void>;
}

/** State that a test can change. */
export interface FakeState {
  /** Users; the last one signs in first. */
  users: Array<Record<string, unknown>>;
  sessions: Array<Record<string, unknown>>;
  /** Claims in addition to a valid token's; undefined removes one. */
  claims: Claims;
  /** The status of each path that fails. */
  failing: Record<string, number>;
  /** Published instead of the keys. */
  jwks: unknown;
}

/** Returns a state with a signed-in user and no faults. */
export const goodState = (): FakeState => ({
  users: [
    { object: "user", id: "user_eve", last_sign_in_at: 1_744_276_393_000 },
    { object: "user", id: "user_ada", last_sign_in_at: 1_744_276_392_000 },
    { object: "user", id: "user_new", last_sign_in_at: null },
  ],
  sessions: [
    { object: "session", id: "sess_acted", user_id: "user_eve", status: "active", actor: { sub: "user_admin" } },
    { object: "session", id: "sess_ended", user_id: "user_ada", status: "ended" },
    { object: "session", id: "sess_ada", user_id: "user_ada", status: "active" },
  ],
  claims: {},
  failing: {},
  jwks: undefined,
});

/** Starts an instance. */
export async function startFakeClerk(): Promise<FakeClerk> {
  const secretKey = `sk_test_${crypto.randomUUID().replaceAll("-", "")}`;
  const requests: string[] = [];
  const clerk = { state: goodState() };
  const { url, serve, close } = listen(0);
  const issuer = await createIssuer({ issuer: url, kid: "ins_fake" });
  serve((request) => {
    const { pathname, search } = new URL(request.url);
    requests.push(`${request.method} ${pathname}${search}`);
    const status = clerk.state.failing[pathname];
    const allowed = pathname.startsWith("/.well-known/") ||
      request.headers.get("authorization") === `Bearer ${secretKey}`;
    if (status !== undefined || !allowed) return Promise.resolve(failure(status ?? 401));
    return answer(request.method, new URL(request.url), clerk.state, issuer);
  });
  return Object.assign(clerk, {
    url,
    issuer,
    requests,
    variables: {
      CLERK_PUBLISHABLE_KEY: publishableKey("test", new URL(url).host),
      CLERK_SECRET_KEY: secretKey,
      CLERK_API_URL: url,
      CLERK_ISSUER: url,
    },
    close,
  });
}

async function answer(method: string, url: URL, state: FakeState, issuer: Issuer): Promise<Response> {
  const [, tokensOf] = /^\/v1\/sessions\/(\w+)\/tokens$/.exec(url.pathname) ?? [];
  const known = state.sessions.find(({ id, status }) => id === tokensOf && status === "active");
  if (method === "POST" && known) {
    const claims = { azp: undefined, sub: known.user_id, sid: known.id, ...state.claims };
    return Response.json({ object: "token", jwt: await issuer.sign(sessionClaims(issuer.issuer, seconds(), claims)) });
  }
  if (method !== "GET") return failure(404);
  switch (url.pathname) {
    case "/.well-known/jwks.json":
      return Response.json(state.jwks ?? issuer.jwks);
    case "/v1/jwks":
      return Response.json(issuer.jwks);
    case "/v1/users":
      return Response.json(state.users.slice(0, Number(url.searchParams.get("limit"))));
    case "/v1/sessions":
      return Response.json(
        state.sessions.filter((session) =>
          session.user_id === url.searchParams.get("user_id") && session.status === url.searchParams.get("status")
        ),
      );
  }
  return failure(404);
}

function failure(status: number): Response {
  return Response.json({ errors: [{ code: CANARY, message: CANARY, long_message: CANARY }] }, { status });
}

const seconds = () => Math.floor(Date.now() / 1000);
