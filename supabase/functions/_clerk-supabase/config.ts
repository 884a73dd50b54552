/**
 * Reads the environment. No other module does. Each function reads only the variables that it needs. Secrets have no
 * default, and every error names the variable that is missing or malformed.
 *
 * @module
 */
import { ApiError } from "./errors.ts";
import { parsePublicKey } from "./formats/public_key.ts";
import { isTypePattern } from "./formats/type_patterns.ts";
import { frontendApiUrl } from "./formats/publishable_key.ts";
import { decodeBase64 } from "./formats/base64.ts";
import { isObject, parseJson } from "./formats/json.ts";
import { parseOrigin } from "./formats/origins.ts";

/** Returns the value of a variable. Tests pass their own function. */
export type Env = (name: string) => string | undefined;

/** The Data API's address and the key to call it with. */
export interface DataApiConfig {
  /** The project's URL, without a trailing slash. */
  url: string;
  /** A publishable key to query as a caller, or a secret key to query as the service role. */
  key: string;
}

/** How to verify session tokens. */
export interface TokenConfig {
  /** The accepted `iss` claims, at least one, such as `https://example.clerk.accounts.dev`. */
  issuers: readonly string[];
  /** `CLERK_JWKS_URL`: one key set for all issuers. Undefined if each publishes its own; see {@linkcode jwksUrlOf}. */
  jwksUrl: string | undefined;
  /** A PEM public key. If it is set, no key is fetched to verify tokens. */
  jwtKey: string | undefined;
  /** Allowed `azp` claims, as origins or patterns for `createOriginTest`. If empty, any is allowed. */
  authorizedParties: readonly string[];
  /** Whether a token without `azp` is refused. */
  requireAzp: boolean;
}

/** How to call Clerk's Backend API. */
export interface ClerkApiConfig {
  url: string;
  secretKey: string;
}

/** Whether the row of an object that was deleted at Clerk is removed (`hard`) or hidden (`soft`). */
export type DeleteMode = "hard" | "soft";

/** Configuration of `clerk-webhook`. */
export interface WebhookConfig {
  /** Signing secrets. A signature by any of them is valid. */
  secrets: readonly string[];
  deleteMode: DeleteMode;
  /** The delete mode of organizations; the same as `deleteMode` unless it is set. */
  organizationDeleteMode: DeleteMode;
  /** Types of events to keep, as patterns for `createTypeTest`. Empty by default. */
  keepEvents: readonly string[];
  /** The instance whose events are accepted, `ins_…`; undefined if it is not configured. */
  instanceId: string | undefined;
  /** The addresses of the instance's signing keys. The keys' ids name the instance. */
  jwksUrls: readonly string[];
  service: DataApiConfig;
}

/** Configuration of a function that queries as the signed-in caller. */
export interface CallerConfig {
  token: TokenConfig;
  caller: DataApiConfig;
}

/** Configuration of `profile` and `organization`. */
export interface ProfileConfig extends CallerConfig {
  /** The keys to fetch a missing row from Clerk and to store it; undefined if one of them is not configured. */
  lazyCreate: { clerk: ClerkApiConfig; service: DataApiConfig } | undefined;
}

/** Configuration of `clerk-reconcile`. */
export interface ReconcileConfig {
  clerk: ClerkApiConfig;
  /** The addresses of the instance's signing keys, which prove that the secret key belongs to the same instance. */
  jwksUrls: readonly string[];
  deleteMode: DeleteMode;
  /** The delete mode of organizations. */
  organizationDeleteMode: DeleteMode;
  service: DataApiConfig;
  /** The secret keys of the project. A caller needs one of them. */
  serviceKeys: readonly string[];
}

/** Configuration of `health`. */
export interface HealthConfig {
  /** Names of the variables that are missing or malformed. */
  problems: readonly string[];
  /** Undefined if its variables are missing or malformed. */
  service: DataApiConfig | undefined;
  /** The addresses of the signing keys; empty if no variable names them. */
  jwksUrls: readonly string[];
  /** True if these keys verify tokens; false if `CLERK_JWT_KEY` does. */
  areKeysNeeded: boolean;
  /** `CLERK_INSTANCE_ID`, to be compared with the signing keys. */
  instanceId: string | undefined;
  /** The secret keys of the project. A caller with one of them sees every part. */
  serviceKeys: readonly string[];
}

/**
 * Reads a variable of this process.
 *
 * @param name A variable's name.
 * @returns Its value.
 */
export const readEnv: Env = (name) => Deno.env.get(name);

/**
 * Reads the configuration of `clerk-webhook`.
 *
 * @param env The environment.
 * @returns The configuration.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 */
export function readWebhookConfig(env: Env): WebhookConfig {
  return {
    secrets: readWebhookSecrets(env),
    deleteMode: readDeleteMode(env),
    organizationDeleteMode: readOrganizationDeleteMode(env),
    keepEvents: readKeepEvents(env),
    instanceId: readInstanceId(env),
    jwksUrls: JWKS_SOURCES.some((name) => optional(env, name) !== undefined) ? readJwksUrls(env) : [],
    service: readServiceConfig(env),
  };
}

/**
 * Reads the configuration of a function that queries as the signed-in caller, without a service key.
 *
 * @param env The environment.
 * @returns The configuration.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 *
 * @example
 * ```ts
 * import { readCallerConfig } from "./config.ts";
 *
 * const env = new Map([
 *   ["CLERK_PUBLISHABLE_KEY", `pk_test_${btoa("example.clerk.accounts.dev$")}`],
 *   ["SUPABASE_URL", "https://example.supabase.co"],
 *   ["SUPABASE_PUBLISHABLE_KEYS", '{"default":"sb_publishable_x"}'],
 * ]);
 * const { token, caller } = readCallerConfig((name) => env.get(name));
 * if (token.issuers[0] !== "https://example.clerk.accounts.dev" || caller.key !== "sb_publishable_x") throw new
 * Error();
 * ```
 */
export function readCallerConfig(env: Env): CallerConfig {
  return { token: readTokenConfig(env), caller: readDataApiAsCaller(env) };
}

/**
 * Reads the configuration of `profile` and `organization`.
 *
 * @param env The environment.
 * @returns The configuration.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 */
export function readProfileConfig(env: Env): ProfileConfig {
  return {
    ...readCallerConfig(env),
    lazyCreate: optional(env, "CLERK_SECRET_KEY") && hasServiceKey(env)
      ? { clerk: readClerkApiConfig(env), service: readServiceConfig(env) }
      : undefined,
  };
}

/**
 * Reads the configuration of `clerk-reconcile`.
 *
 * @param env The environment.
 * @returns The configuration.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 */
export function readReconcileConfig(env: Env): ReconcileConfig {
  return {
    clerk: readClerkApiConfig(env),
    jwksUrls: readJwksUrls(env),
    deleteMode: readDeleteMode(env),
    organizationDeleteMode: readOrganizationDeleteMode(env),
    service: readServiceConfig(env),
    serviceKeys: readServiceKeys(env),
  };
}

/**
 * Returns the readers that together read every variable of the functions. `health` and `doctor` check all of them.
 *
 * @param env The environment. Without `CLERK_SECRET_KEY`, clerk-reconcile is not used, so its reader is left out.
 * @returns The readers, each of which throws at its first fault.
 */
export function configReaders(env: Env): Array<(env: Env) => unknown> {
  const always = [readWebhookConfig, readProfileConfig, readCorsOrigins];
  return optional(env, "CLERK_SECRET_KEY") === undefined ? always : [...always, readReconcileConfig];
}

/**
 * Reads the configuration of `health`. It never throws: `problems` names the faulty variables.
 *
 * @param env The environment.
 * @returns The configuration.
 */
export function readHealthConfig(env: Env): HealthConfig {
  const problems = configReaders(env).flatMap((read) => attempt(() => read(env)).problem ?? []);
  return {
    problems: [...new Set(problems)].sort(),
    service: attempt(() => readServiceConfig(env)).value,
    jwksUrls: attempt(() => readJwksUrls(env)).value ?? [],
    areKeysNeeded: optional(env, "CLERK_JWT_KEY") === undefined,
    instanceId: attempt(() => readInstanceId(env)).value,
    serviceKeys: readServiceKeys(env),
  };
}

/** Returns a reader's value, or the name of the variable that it reports. */
function attempt<T>(read: () => T): { value?: T; problem?: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof ApiError && error.variable !== undefined) return { problem: error.variable };
    throw error;
  }
}

/**
 * Reads the origins that may call the functions for browsers.
 *
 * @param env The environment.
 * @returns Origins or patterns for `createOriginTest`; `*` for any.
 * @throws {ApiError} `CONFIG_INVALID`
 */
export function readCorsOrigins(env: Env): string[] {
  const origins = readOrigins(env, "CORS_ALLOWED_ORIGINS", (value) => value === "*" ? value : parseOrigin(value));
  return origins.length > 0 ? origins : ["*"];
}

/** Reads a list of origins and writes them as browsers do. */
function readOrigins(env: Env, name: string, parse: typeof parseOrigin = parseOrigin): string[] {
  return list(env, name).map((value) => {
    const origin = parse(value);
    if (origin !== undefined) return origin;
    throw invalid(
      name,
      "expected origins without a path, such as https://app.example.com, separated by commas. The first label may " +
        "contain one *, if you own the rest of the name, such as https://*-my-team.vercel.app",
    );
  });
}

/**
 * Reads the configuration of the token verifier.
 *
 * @param env The environment.
 * @returns The configuration.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 *
 * @example
 * ```ts
 * import { readTokenConfig } from "./config.ts";
 *
 * const env = new Map([["CLERK_PUBLISHABLE_KEY", `pk_test_${btoa("example.clerk.accounts.dev$")}`]]);
 * const { issuers } = readTokenConfig((name) => env.get(name));
 * if (issuers.join() !== "https://example.clerk.accounts.dev") throw new Error();
 * ```
 */
export function readTokenConfig(env: Env): TokenConfig {
  return {
    issuers: readIssuers(env),
    jwksUrl: readUrl(env, "CLERK_JWKS_URL"),
    jwtKey: readPublicKey(env),
    ...readParties(env),
  };
}

function readParties(env: Env): Pick<TokenConfig, "authorizedParties" | "requireAzp"> {
  const authorizedParties = readOrigins(env, "CLERK_AUTHORIZED_PARTIES");
  const requireAzp = readChoice(env, "CLERK_REQUIRE_AZP", ["false", "true"]) === "true";
  // Requiring the claim without limiting its values would check nothing.
  if (requireAzp && authorizedParties.length === 0) throw missing("CLERK_AUTHORIZED_PARTIES");
  return { authorizedParties, requireAzp };
}

/** The variables that name the address of the signing keys. */
const JWKS_SOURCES = ["CLERK_JWKS_URL", "CLERK_ISSUER", "CLERK_PUBLISHABLE_KEY"];

/**
 * Reads the addresses of the instance's signing keys. `CLERK_JWKS_URL` is enough, because fetching keys does not need
 * the issuer.
 *
 * @param env The environment.
 * @returns One URL for each issuer, or `CLERK_JWKS_URL` alone.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 */
export function readJwksUrls(env: Env): string[] {
  const jwksUrl = readUrl(env, "CLERK_JWKS_URL");
  return jwksUrl === undefined ? readIssuers(env).map((issuer) => jwksUrlOf(issuer, { jwksUrl })) : [jwksUrl];
}

/**
 * Returns the address of an issuer's signing keys.
 *
 * @param issuer One of the configured issuers.
 * @param config `jwksUrl` replaces the issuer's own address.
 * @returns The URL of the JWKS.
 *
 * @example
 * ```ts
 * import { jwksUrlOf } from "./config.ts";
 *
 * const url = jwksUrlOf("https://example.com/__clerk", { jwksUrl: undefined });
 * if (url !== "https://example.com/__clerk/.well-known/jwks.json") throw new Error(url);
 * ```
 */
export function jwksUrlOf(issuer: string, { jwksUrl }: Pick<TokenConfig, "jwksUrl">): string {
  return jwksUrl ?? `${issuer}/.well-known/jwks.json`;
}

/**
 * Reads the accepted issuers: `CLERK_ISSUER`, which may list several, or the publishable key's host. Behind a proxy,
 * Clerk's `iss` may be the proxy's URL or the key's host.
 *
 * @param env The environment.
 * @returns At least one URL, without trailing slashes and without repetitions.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 */
export function readIssuers(env: Env): string[] {
  const configured = list(env, "CLERK_ISSUER").map((value) => parseUrl("CLERK_ISSUER", value));
  if (configured.length > 0) return [...new Set(configured)];
  const issuer = frontendApiUrl(required(env, "CLERK_PUBLISHABLE_KEY"));
  if (issuer === undefined) {
    throw invalid("CLERK_PUBLISHABLE_KEY", "expected pk_test_… or pk_live_… as Clerk's dashboard shows it");
  }
  return [issuer];
}

function readDeleteMode(env: Env): DeleteMode {
  return readChoice(env, "CLERK_DELETE_MODE", ["hard", "soft"]);
}

function readOrganizationDeleteMode(env: Env): DeleteMode {
  if (optional(env, "CLERK_ORGANIZATION_DELETE_MODE") === undefined) return readDeleteMode(env);
  return readChoice(env, "CLERK_ORGANIZATION_DELETE_MODE", ["hard", "soft"]);
}

function readKeepEvents(env: Env): string[] {
  const patterns = list(env, "CLERK_KEEP_EVENTS");
  if (!patterns.every(isTypePattern)) {
    throw invalid(
      "CLERK_KEEP_EVENTS",
      "expected Clerk's event types separated by commas, such as email.created, or a prefix such as subscription.*",
    );
  }
  return [...new Set(patterns)];
}

/**
 * Reads the address and the secret key of Clerk's Backend API.
 *
 * @param env The environment.
 * @returns The configuration.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 */
export function readClerkApiConfig(env: Env): ClerkApiConfig {
  const secretKey = required(env, "CLERK_SECRET_KEY");
  if (!/^sk_(test|live)_\S+$/.test(secretKey)) throw invalid("CLERK_SECRET_KEY", "expected sk_test_… or sk_live_…");
  return { url: readUrl(env, "CLERK_API_URL") ?? "https://api.clerk.com", secretKey };
}

/** The variables with Supabase's keys: a JSON dictionary, and the legacy key. */
const SERVICE_KEYS = ["SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY"] as const;
const CALLER_KEYS = ["SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY"] as const;

/**
 * Reads the address and a secret key of the project, for calls as the service role.
 *
 * @param env The environment.
 * @returns The configuration.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 */
export function readServiceConfig(env: Env): DataApiConfig {
  return { url: readSupabaseUrl(env), key: readSupabaseKey(env, ...SERVICE_KEYS) };
}

/**
 * Reads the address and a publishable key of the project, for calls as a signed-in user.
 *
 * @param env The environment.
 * @returns The configuration.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 */
export function readDataApiAsCaller(env: Env): DataApiConfig {
  return { url: readSupabaseUrl(env), key: readSupabaseKey(env, ...CALLER_KEYS) };
}

function hasServiceKey(env: Env): boolean {
  return SERVICE_KEYS.some((name) => optional(env, name) !== undefined);
}

/** Returns all secret keys of the project, because callers use old and new keys during a rotation. */
function readServiceKeys(env: Env): string[] {
  const [dictionary, legacy] = SERVICE_KEYS;
  const keys = parseJson(optional(env, dictionary) ?? "{}");
  const named = isObject(keys) ? Object.values(keys) : [];
  const values = [...named, optional(env, legacy)];
  return values.filter((key): key is string => typeof key === "string" && key !== "");
}

/** The platform sets it. Under `functions serve`, it is plain http to a host of the container network. */
function readSupabaseUrl(env: Env): string {
  const value = required(env, "SUPABASE_URL");
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw invalid("SUPABASE_URL", "expected an http or https URL");
  }
  return value.replace(/\/+$/, "");
}

/** The key named `default`, else the first by name, else the legacy key. */
function readSupabaseKey(env: Env, dictionary: string, legacy: string): string {
  const json = optional(env, dictionary);
  if (json === undefined || json === "{}") return required(env, legacy);
  const keys = parseJson(json);
  const key = isObject(keys) && (keys.default ?? keys[Object.keys(keys).sort()[0] ?? ""]);
  if (typeof key !== "string" || key === "") throw invalid(dictionary, "expected a JSON object of keys by name");
  return key;
}

/**
 * Reads the webhook's signing secrets. Clerk's guides use two names for the variable, and each may list several
 * secrets. A secret is base64 of at least 24 bytes: svix itself would accept a placeholder such as `whsec_changeme`.
 *
 * @param env The environment.
 * @returns The secrets. A signature by any of them is valid.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 */
export function readWebhookSecrets(env: Env): string[] {
  const names = ["CLERK_WEBHOOK_SECRET", "CLERK_WEBHOOK_SIGNING_SECRET"];
  const secrets = names.flatMap((name) => list(env, name).map((secret) => ({ name, secret })));
  if (secrets.length === 0) throw missing("CLERK_WEBHOOK_SECRET");
  for (const { name, secret } of secrets) {
    const key = decodeBase64(secret.replace(/^whsec_/, ""));
    if (key === undefined || key.length < 24) {
      throw invalid(name, "expected whsec_ and base64 of at least 24 bytes, as Clerk's dashboard shows it");
    }
  }
  return [...new Set(secrets.map(({ secret }) => secret))];
}

/**
 * Reads the id of the instance whose events are accepted.
 *
 * @param env The environment.
 * @returns `ins_…`; undefined if it is not configured.
 * @throws {ApiError} `CONFIG_INVALID`
 */
export function readInstanceId(env: Env): string | undefined {
  const id = optional(env, "CLERK_INSTANCE_ID");
  if (id !== undefined && !/^ins_\w+$/.test(id)) throw invalid("CLERK_INSTANCE_ID", "expected ins_…");
  return id;
}

/** Parses the key at start, so that `health` reports the variable before the first token arrives. */
function readPublicKey(env: Env): string | undefined {
  const text = optional(env, "CLERK_JWT_KEY");
  const pem = text === undefined ? undefined : parsePublicKey(text);
  if (text !== undefined && pem === undefined) {
    throw invalid("CLERK_JWT_KEY", "expected the public RSA key that Clerk's dashboard shows (BEGIN PUBLIC KEY)");
  }
  return pem;
}

function readUrl(env: Env, name: string): string | undefined {
  const value = optional(env, name);
  return value === undefined ? undefined : parseUrl(name, value);
}

/** Accepts https, and http on this machine; no credentials, query or fragment. Removes trailing slashes. */
function parseUrl(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (!url || !secure || url.username || url.password || /[?#]/.test(value)) {
    throw invalid(name, "expected an https URL without credentials or query (http for this machine only)");
  }
  return url.href.replace(/\/+$/, "");
}

/**
 * Returns whether a host is this machine, so that plain http is safe.
 *
 * @param hostname A URL's hostname.
 * @returns True for localhost and loopback addresses.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Reads one of several words. The first one is the default. */
function readChoice<Choice extends string>(env: Env, name: string, choices: readonly [Choice, ...Choice[]]): Choice {
  const value = optional(env, name) ?? choices[0];
  const choice = choices.find((word) => word === value);
  if (choice === undefined) throw invalid(name, `expected ${choices.join(" or ")}`);
  return choice;
}

function list(env: Env, name: string): string[] {
  return (env(name) ?? "").split(/[\s,]+/).filter((item) => item !== "");
}

/** Treats an empty value as missing, because people copy `.env.example` with its blanks. */
function optional(env: Env, name: string): string | undefined {
  return env(name)?.trim() || undefined;
}

function required(env: Env, name: string): string {
  const value = optional(env, name);
  if (value === undefined) throw missing(name);
  return value;
}

function missing(name: string): ApiError {
  return new ApiError("CONFIG_MISSING", `Cannot start: ${name} is not set`, { variable: name });
}

function invalid(name: string, expectation: string): ApiError {
  return new ApiError("CONFIG_INVALID", `Cannot start: ${name} is malformed, ${expectation}`, { variable: name });
}
