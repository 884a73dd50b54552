/**
 * The shape of an entry point: `export default serveWith(route, readConfig, create)`.
 *
 * @module
 */
import { type Env, readCorsOrigins, readEnv } from "../config.ts";
import { type Log, logLine } from "../log.ts";
import { handle, type Handler, type Methods, type Platform, type Route } from "./handle.ts";

/** What the Edge Runtime takes as a default export. */
export interface Entry {
  fetch: Handler;
}

/** What an entry point runs in; tests pass their own. */
export interface ServeOptions {
  env: Env;
  log: Log;
  now: () => number;
}

const REAL: ServeOptions = { env: readEnv, log: logLine, now: Date.now };

/**
 * Composes a function when its first request comes, so that importing an entry point reads no variable and
 * opens no port. A configuration error is the answer to every request until the variables are mended.
 *
 * @param route The function's name and audience.
 * @param readConfig Reads the variables that this function needs, and no others.
 * @param create Makes the handler from the configuration.
 * @param options Environment, log and clock.
 * @returns The default export of an `index.ts`.
 *
 * @example
 * ```ts
 * import { readTokenConfig } from "../config.ts";
 * import { handle } from "./handle.ts";
 * import { jsonResponse } from "./problem.ts";
 * import { serveWith } from "./serve.ts";
 *
 * const ISSUERS = { name: "issuers", browser: true };
 * const nothingSet = { env: () => undefined, log: () => {}, now: Date.now }; // for tests; index.ts leaves it out
 * const entry = serveWith(
 *   ISSUERS,
 *   readTokenConfig,
 *   ({ issuers }, platform) => handle(ISSUERS, platform, { GET: () => Promise.resolve(jsonResponse({ issuers })) }),
 *   nothingSet,
 * );
 * const response = await entry.fetch(new Request("https://example.com/issuers"));
 * if ((await response.json()).code !== "CONFIG_MISSING") throw new Error();
 * ```
 */
export function serveWith<Config>(
  route: Route,
  readConfig: (env: Env) => Config,
  create: (config: Config, platform: Platform) => Handler,
  options: ServeOptions = REAL,
): Entry {
  let handler: Handler | undefined;
  return {
    fetch: (request) => (handler ??= compose(route, readConfig, create, options))(request),
  };
}

function compose<Config>(
  route: Route,
  readConfig: (env: Env) => Config,
  create: (config: Config, platform: Platform) => Handler,
  { env, log, now }: ServeOptions,
): Handler {
  // Where even the origins are malformed, any page may read the error: it names a variable and nothing else.
  const platform: Platform = { corsOrigins: ["*"], log, now };
  try {
    if (route.browser) platform.corsOrigins = readCorsOrigins(env);
    return create(readConfig(env), platform);
  } catch (error) {
    const fail = () => Promise.reject(error);
    const methods: Methods = { GET: fail, POST: fail, PUT: fail, PATCH: fail, DELETE: fail };
    return handle(route, platform, methods);
  }
}
