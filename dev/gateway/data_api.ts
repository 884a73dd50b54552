/**
 * The Data API of the local stack: @supabase/lite behind the hosted platform's checks for third-party auth.
 *
 * @module
 */
import { App, type Connection } from "@supabase/lite";
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Database } from "../../project/database/connection.ts";

/** The project's keys in the format of Supabase's new API keys. */
export interface ProjectKeys {
  publishable: string;
  secret: string;
}

/** Options of the Data API. */
export interface DataApiOptions {
  database: Database;
  keys: ProjectKeys;
  /** Returns the third-party issuer's current keys. */
  jwks: () => JSONWebKeySet | Promise<JSONWebKeySet>;
}

/** Answers `/rest/v1/…`. */
export type DataApi = (request: Request) => Promise<Response>;

/**
 * Creates the handler of `/rest/v1`. `@supabase/lite` supports only HS256, so this verifies a Clerk token as the
 * platform does (signature and times; not azp, sts or the kind of token) and signs the same claims with a key of this
 * process.
 *
 * @param options Database, keys and issuer.
 * @returns The handler.
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
 * On the first request `@supabase/lite` 0.10.0 grants the client roles every table of each schema with row level
 * security. The hosted platform does not, and these grants would hide a missing revoke. This marks them as done.
 */
function keepPrivileges(connection: Connection): void {
  Object.assign(connection, { rlsState: "active" });
}

/** `@supabase/lite` prints each database error in full, with the query; one line is enough. */
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

/** A token without a role claim gets the anonymous role. */
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

/** Returns PostgREST's error: PGRST303 for an expired token, PGRST301 for any other failure. */
function refuseToken(token: string, error: errors.JOSEError): Response {
  const expired = error instanceof errors.JWTExpired && decodeJwt(token).exp !== undefined;
  const body = expired
    ? { code: "PGRST303", message: "JWT expired", details: null, hint: null }
    : { code: "PGRST301", message: "No suitable key or wrong key type", details: null, hint: null };
  return Response.json(body, { status: 401, headers: { "www-authenticate": "Bearer" } });
}
