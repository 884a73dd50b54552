/**
 * The one reader of the environment. Each function reads the variables that it needs and no others; a secret
 * has no default; a value that is missing or malformed is an error that names its variable.
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

/** Reads a variable. Tests pass an object's values. */
export type Env = (name: string) => string | undefined;

/** Where and as whom to call the Data API. */
export interface DataApiConfig {
  /** The project's URL, without a trailing slash. */
  url: string;
  /** A publishable key for callers, or a secret key for the service role. */
  key: string;
}

/** How to verify session tokens. */
export interface TokenConfig {
  /** The accepted `iss` claims, at least one, such as `https://example.clerk.accounts.dev`. */
  issuers: readonly string[];
  /** `CLERK_JWKS_URL`: one key set for every issuer. Undefined if each publishes its own; see {@linkcode jwksUrlOf}. */
  jwksUrl: string | undefined;
  /** A PEM public key: with it no key is ever fetched. */
  jwtKey: string | undefined;
  /** Allowed `azp` claims, as origins or patterns for `createOriginTest`; empty allows any. */
  authorizedParties: readonly string[];
  /** Whether a token without `azp` is refused. */
  requireAzp: boolean;
}

/** How to call Clerk's Backend API. */
export interface ClerkApiConfig {
  url: string;
  secretKey: string;
}

/** What happens to the row of a user whom Clerk deleted. */
export type DeleteMode = "hard" | "soft";

/** Configuration of `clerk-webhook`. */
export interface WebhookConfig {
  /** Signing secrets, any of which may have signed. */
  secrets: readonly string[];
  deleteMode: DeleteMode;
  /** What a deletion does to an organization; `deleteMode` unless it is set. */
  organizationDeleteMode: DeleteMode;
  /** Types of events to keep, as patterns for `createTypeTest`; usually empty. */
  keepEvents: readonly string[];
  /** The instance whose events are taken, `ins_…`, where it is configured. */
  instanceId: string | undefined;
  /** The addresses of the instance's signing keys, whose ids name the instance. */
  jwksUrls: readonly string[];
  service: DataApiConfig;
}

/** Configuration of a function that answers signed-in callers, as them. */
export interface CallerConfig {
  token: TokenConfig;
  caller: DataApiConfig;
}

/** Configuration of `profile` and `organization`. */
export interface ProfileConfig extends CallerConfig {
  /** How to fetch a missing row from Clerk and store it; undefined if a key is missing. */
  lazyCreate: { clerk: ClerkApiConfig; service: DataApiConfig } | undefined;
}

/** Configuration of `clerk-reconcile`. */
export interface ReconcileConfig {
  clerk: ClerkApiConfig;
  /** The addresses of the instance's signing keys, which show whether the secret key is of the same instance. */
  jwksUrls: readonly string[];
  deleteMode: DeleteMode;
  /** The same for an organization that Clerk deleted. */
  organizationDeleteMode: DeleteMode;
  service: DataApiConfig;
  /** Any of these lets its caller in. */
  serviceKeys: readonly string[];
}

/** Configuration of `health`. */
export interface HealthConfig {
  /** Variables that some function needs and that are missing or malformed. */
  problems: readonly string[];
  /** Undefined where the variables for it are missing. */
  service: DataApiConfig | undefined;
  /** The addresses of the signing keys; empty if no variable says where they are. */
  jwksUrls: readonly string[];
  /** Whether tokens are verified by these keys, and not by `CLERK_JWT_KEY`. */
  areKeysNeeded: boolean;
  /** `CLERK_INSTANCE_ID`, which the signing keys confirm or contradict. */
  instanceId: string | undefined;
  /** Any of these lets its caller see every part. */
  serviceKeys: readonly string[];
}

/**
 * The process's environment.
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
 * Reads the configuration of a function that answers signed-in callers, as them: no service key.
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
 * if (token.issuers[0] !== "https://example.clerk.accounts.dev" || caller.key !== "sb_publishable_x") throw new Error();
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

/** What a reader gives, or the variable that it stumbles over. */
function attempt<T>(read: () => T): { value?: T; problem?: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof ApiError && error.variable !== undefined) return { problem: error.variable };
    throw error;
  }
}

/**
 * Reads which origins may read the answers of the functions for browsers.
 *
 * @param env The environment.
 * @returns Origins or patterns for `createOriginTest`; `*` for any.
 * @throws {ApiError} `CONFIG_INVALID`
 */
export function readCorsOrigins(env: Env): string[] {
  const origins = readOrigins(env, "CORS_ALLOWED_ORIGINS", (value) => value === "*" ? value : parseOrigin(value));
  return origins.length > 0 ? origins : ["*"];
}

/** Origins as browsers write them, however they are configured. */
function readOrigins(env: Env, name: string, parse: typeof parseOrigin = parseOrigin): string[] {
  return list(env, name).map((value) => {
    const origin = parse(value);
    if (origin !== undefined) return origin;
    throw invalid(
      name,
      "expected origins without a path, such as https://app.example.com, separated by commas. One * may stand for a " +
        "part of the first label if the rest is yours, such as https://*-my-team.vercel.app",
    );
  });
}

/**
 * Reads how session tokens are verified.
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
  // To require a claim and accept any value of it would check nothing.
  if (requireAzp && authorizedParties.length === 0) throw missing("CLERK_AUTHORIZED_PARTIES");
  return { authorizedParties, requireAzp };
}

/** Each of these says where the instance's signing keys are. */
const JWKS_SOURCES = ["CLERK_JWKS_URL", "CLERK_ISSUER", "CLERK_PUBLISHABLE_KEY"];

/**
 * Reads the addresses of the instance's signing keys. `CLERK_JWKS_URL` alone is enough: the issuer is not needed to
 * fetch keys.
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
 * @param config `jwksUrl` replaces the address that follows from the issuer.
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
      "expected Clerk's event types separated by commas, such as email.created, or subscription.* for all that begin so",
    );
  }
  return [...new Set(patterns)];
}

/**
 * Reads how to call Clerk's Backend API.
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

/** The names of Supabase's keys: a JSON dictionary, and the legacy key. */
const SERVICE_KEYS = ["SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY"] as const;
const CALLER_KEYS = ["SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY"] as const;

/**
 * Reads how to call the project as the service role.
 *
 * @param env The environment.
 * @returns The configuration.
 * @throws {ApiError} `CONFIG_MISSING` or `CONFIG_INVALID`, naming the variable.
 */
export function readServiceConfig(env: Env): DataApiConfig {
  return { url: readSupabaseUrl(env), key: readSupabaseKey(env, ...SERVICE_KEYS) };
}

/**
 * Reads how to call the project as somebody else than the service role.
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

/** Every secret key of the project: while keys are changed, callers use the old one and the new one. */
function readServiceKeys(env: Env): string[] {
  const [dictionary, legacy] = SERVICE_KEYS;
  const keys = parseJson(optional(env, dictionary) ?? "{}");
  const named = isObject(keys) ? Object.values(keys) : [];
  const values = [...named, optional(env, legacy)];
  return values.filter((key): key is string => typeof key === "string" && key !== "");
}

/** The platform's own value. Under `functions serve` it is plain http to a host of the container network. */
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
 * Reads the webhook's signing secrets, under both names that Clerk's guides use, each with one secret or several. A
 * secret is base64 of at least 24 bytes: svix itself would accept a placeholder such as `whsec_changeme`.
 *
 * @param env The environment.
 * @returns The secrets, any of which may sign.
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
 * Reads which instance events must come from.
 *
 * @param env The environment.
 * @returns `ins_…`, where it is configured.
 * @throws {ApiError} `CONFIG_INVALID`
 */
export function readInstanceId(env: Env): string | undefined {
  const id = optional(env, "CLERK_INSTANCE_ID");
  if (id !== undefined && !/^ins_\w+$/.test(id)) throw invalid("CLERK_INSTANCE_ID", "expected ins_…");
  return id;
}

/** Checked here, so that `health` names the variable before a token comes. */
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

/** https, or http on this machine alone; no credentials, query or fragment; without a trailing slash. */
function parseUrl(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (!url || !secure || url.username || url.password || /[?#]/.test(value)) {
    throw invalid(name, "expected an https URL without credentials or query (http for this machine only)");
  }
  return url.href.replace(/\/+$/, "");
}

/**
 * Tells whether a host is this machine, to which nothing has to be encrypted.
 *
 * @param hostname A URL's hostname.
 * @returns True for localhost and loopback addresses.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** One of a few words; the first is the default. */
function readChoice<Choice extends string>(env: Env, name: string, choices: readonly [Choice, ...Choice[]]): Choice {
  const value = optional(env, name) ?? choices[0];
  const choice = choices.find((word) => word === value);
  if (choice === undefined) throw invalid(name, `expected ${choices.join(" or ")}`);
  return choice;
}

function list(env: Env, name: string): string[] {
  return (env(name) ?? "").split(/[\s,]+/).filter((item) => item !== "");
}

/** An empty value counts as none: `.env.example` is copied with its blanks. */
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
