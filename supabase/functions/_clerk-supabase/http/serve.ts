/**
 * Creates the entry point of a function: `export default serveWith(route, readConfig, create)`.
 *
 * @module
 */
import { type Env, readCorsOrigins, readEnv } from "../config.ts";
import { type Log, logLine } from "../log.ts";
import { handle, type Handler, type Methods, type Platform, type Route } from "./handle.ts";

/** The default export that the Edge Runtime expects. */
export interface Entry {
  fetch: Handler;
}

/** The environment, the log and the clock of an entry point. Tests pass their own. */
export interface ServeOptions {
  env: Env;
  log: Log;
  now: () => number;
}

const REAL: ServeOptions = { env: readEnv, log: logLine, now: Date.now };

/**
 * Creates a function at its first request, so that importing an entry point neither reads variables nor opens a port.
 * With faulty variables, every request is answered with the configuration error.
 *
 * @param route The function's name and audience.
 * @param readConfig Reads only the variables that this function needs.
 * @param create Creates the handler from the configuration.
 * @param options Environment, log and clock; those of the process unless given.
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
  // If the origins themselves are malformed, any page may read the error: it only names a variable.
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
