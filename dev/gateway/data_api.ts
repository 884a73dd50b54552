/**
 * The Data API of the local stack: @supabase/lite behind what the hosted platform does for third-party auth.
 *
 * @module
 */
import { App, type Connection } from "@supabase/lite";
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Database } from "../../project/database/connection.ts";

/** The project's keys, in the form of Supabase's new API keys. */
export interface ProjectKeys {
  publishable: string;
  secret: string;
}

/** What the Data API takes. */
export interface DataApiOptions {
  database: Database;
  keys: ProjectKeys;
  /** The third-party issuer's keys, as they are now. */
  jwks: () => JSONWebKeySet | Promise<JSONWebKeySet>;
}

/** Answers `/rest/v1/…`. */
export type DataApi = (request: Request) => Promise<Response>;

/**
 * Makes the Data API. `@supabase/lite` checks HS256 alone, so a Clerk token is verified here, as the platform does
 * (signature and times; not azp, sts or the kind of token), and the same claims go on under a key of this process.
 *
 * @param options Database, keys and issuer.
 * @returns The Data API.
 */
export function createDataApi({ database, keys, jwks }: DataApiOptions): DataApi {
  keepPrivileges(database.connection);
  shortenDatabaseErrors();
  const secret = crypto.randomUUID() + crypto.randomUUID();
  const app = new App({
    connection: database.connection,
    auth: { enabled: true, jwt_secret: secret, publishable_key: keys.publishable, secret_key: keys.secret },
  });
  const answer = (request: Request) => database.use(async () => await app.fetch(request));
  return async (request) => {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (token === undefined || token.startsWith("sb_")) return await answer(request);
    try {
      const { payload } = await jwtVerify(token, createLocalJWKSet(await jwks()), {
        algorithms: ["RS256", "ES256"],
        clockTolerance: 30,
      });
      return await answer(withToken(request, await sign(payload, secret)));
    } catch (error) {
      if (error instanceof errors.JOSEError) return refuseToken(token, error);
      throw error;
    }
  };
}

/**
 * At the first request `@supabase/lite` 0.10.0 grants every table of each schema with row level security to the
 * client roles, which no platform does and which would hide a missing revoke. It believes that this has been done.
 */
function keepPrivileges(connection: Connection): void {
  Object.assign(connection, { rlsState: "active" });
}

/** `@supabase/lite` prints each database error whole, query included: one line tells as much. */
function shortenDatabaseErrors(): void {
  // deno-lint-ignore no-console -- this replaces what it prints with
  const print = console.error;
  // deno-lint-ignore no-console
  console.error = (...given) => {
    const [error] = given;
    if (error instanceof Error && "severity" in error && "code" in error) {
      print(`[database] ${error.code} ${error.message}`);
    } else print(...given);
  };
}

/** Without a role claim the anonymous role applies. */
function sign(claims: JWTPayload, secret: string): Promise<string> {
  return new SignJWT({ role: "anon", ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(secret));
}

function withToken(request: Request, token: string): Request {
  const headers = new Headers(request.headers);
  headers.set("authorization", `Bearer ${token}`);
  return new Request(request.url, { method: request.method, headers, body: request.body });
}

/** PostgREST's codes: PGRST303 for claims that do not hold, PGRST301 for anything else. */
function refuseToken(token: string, error: errors.JOSEError): Response {
  const expired = error instanceof errors.JWTExpired && decodeJwt(token).exp !== undefined;
  const body = expired
    ? { code: "PGRST303", message: "JWT expired", details: null, hint: null }
    : { code: "PGRST301", message: "No suitable key or wrong key type", details: null, hint: null };
  return Response.json(body, { status: 401, headers: { "www-authenticate": "Bearer" } });
}
