/**
 * The frame of every function: methods, CORS, request ids, errors and the log line.
 *
 * @module
 */
import { ApiError, type ErrorCode } from "../errors.ts";
import { describeCause, type Log, type LogEntry } from "../log.ts";
import { type After, startTimer, type TimeLimit } from "./after.ts";
import { type CorsHeaders, createCorsHeaders, preflightHeaders } from "./cors.ts";
import { problemResponse } from "./problem.ts";

/** A function's name, and whether browsers call it. */
export interface Route {
  name: string;
  /** True if browsers call it: then OPTIONS is supported and every response has CORS headers. */
  browser: boolean;
}

/** The dependencies of every function. */
export interface Platform {
  /** Allowed origins or patterns; `*` for any. Used only if the route is for browsers. */
  corsOrigins: readonly string[];
  log: Log;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** The timer; the process's own unless given. */
  after?: After;
}

/** Time limit of a request's body. Svix gives up after 15 s, and a slow sender must not occupy the function. */
export const BODY_TIMEOUT_MS = 10_000;

/** The context of one request. */
export interface Context {
  requestId: string;
  /** Starts the time limit of the body, and returns a signal that fires at its end. */
  startBody: () => AbortSignal;
  /** Adds to the request's log line. */
  note: (fields: Partial<Pick<LogEntry, "outcome" | "type" | "message_id" | "cause">>) => void;
}

/** Handles a request of one method. An error that it throws becomes a problem document. */
export type MethodHandler = (request: Request, context: Context) => Promise<Response>;

/** The supported methods. */
export type Methods = Partial<Record<"GET" | "POST" | "PUT" | "PATCH" | "DELETE", MethodHandler>>;

/** The methods of a function, or a function that returns the methods of a request's path. */
export type MethodsOf = Methods | ((url: URL) => Methods);

/** A complete function. It never rejects. */
export type Handler = (request: Request) => Promise<Response>;

const REQUEST_ID = /^[\w-]{1,128}$/;

/**
 * Creates a complete function from its methods. No other code turns errors into responses.
 *
 * @param route The function's name and audience.
 * @param platform Clock, log and allowed origins.
 * @param methods A handler for each method, or a function that returns the methods of a path. The function may throw an
 * error for an unknown path.
 * @returns A handler that responds to every request and logs it.
 *
 * @example
 * ```ts
 * import { handle } from "./handle.ts";
 * import { jsonResponse } from "./problem.ts";
 *
 * const platform = { corsOrigins: ["*"], log: () => {}, now: Date.now };
 * const ping = handle({ name: "ping", browser: true }, platform, {
 *   GET: () => Promise.resolve(jsonResponse({ pong: true })),
 * });
 * const response = await ping(new Request("https://example.com/ping", { method: "DELETE" }));
 * if (response.status !== 405 || response.headers.get("allow") !== "GET, OPTIONS") throw new Error();
 * ```
 */
export function handle(route: Route, platform: Platform, methods: MethodsOf): Handler {
  const corsHeaders = route.browser ? createCorsHeaders(platform.corsOrigins) : () => [];
  return async (request) => {
    const started = performance.now();
    const given = request.headers.get("x-request-id") ?? "";
    const requestId = REQUEST_ID.test(given) ? given : crypto.randomUUID();
    // One object that is filled in: copying it for the line would cost more than writing the line.
    const entry: LogEntry = {
      function: route.name,
      request_id: requestId,
      method: request.method,
      status: 0,
      duration_ms: 0,
      outcome: "ok",
    };
    const { after = startTimer } = platform;
    let body: TimeLimit | undefined;
    const context: Context = {
      requestId,
      startBody: () => (body = after(BODY_TIMEOUT_MS)).signal,
      note: (fields) => void Object.assign(entry, fields),
    };

    const { response, outcome, cause } = await answer(route, corsHeaders, methods, request, context);
    body?.stop();
    response.headers.set("x-request-id", requestId);
    entry.status = response.status;
    entry.duration_ms = Math.round((performance.now() - started) * 10) / 10;
    if (outcome) entry.outcome = outcome;
    if (cause) entry.cause = cause;
    platform.log(entry);
    return response;
  };
}

/** A response, and the fields that an error adds to the log. */
interface Answered {
  response: Response;
  outcome?: ErrorCode;
  cause?: string | undefined;
}

async function answer(
  route: Route,
  corsHeaders: CorsHeaders,
  methods: MethodsOf,
  request: Request,
  context: Context,
): Promise<Answered> {
  const answered = await run(route, methods, request, context);
  if (!answered.response.headers.has("cache-control")) answered.response.headers.set("cache-control", "no-store");
  for (const [name, value] of corsHeaders(request)) answered.response.headers.set(name, value);
  return answered;
}

async function run(route: Route, methods: MethodsOf, request: Request, context: Context): Promise<Answered> {
  try {
    const ofPath = typeof methods === "function" ? methods(new URL(request.url)) : methods;
    return { response: await dispatch(route, ofPath, request, context) };
  } catch (error) {
    const known = error instanceof ApiError
      ? error
      : new ApiError("INTERNAL_ERROR", "Cannot answer: an unexpected error occurred. The log has the details", {
        cause: error,
      });
    return {
      response: problemResponse(known, context.requestId),
      outcome: known.code,
      cause: describeCause(known.cause),
    };
  }
}

function dispatch(route: Route, methods: Methods, request: Request, context: Context): Promise<Response> {
  const allowed = [...Object.keys(methods), ...(route.browser ? ["OPTIONS"] : [])];
  if (request.method === "OPTIONS" && route.browser) {
    return Promise.resolve(new Response(null, { status: 204, headers: preflightHeaders(request, allowed) }));
  }
  const method = Object.hasOwn(methods, request.method) ? methods[request.method as keyof Methods] : undefined;
  if (!method) {
    throw new ApiError("METHOD_NOT_ALLOWED", `Cannot answer: ${route.name} does not support this HTTP method`, {
      headers: { allow: allowed.join(", ") },
    });
  }
  return method(request, context);
}
