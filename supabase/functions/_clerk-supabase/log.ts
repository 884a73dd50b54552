/**
 * Logging: one JSON line per request.
 *
 * @module
 */

/** What a request's line may hold. No name, no address, no token, no body: there is no field for them. */
export interface LogEntry {
  function: string;
  request_id: string;
  method: string;
  status: number;
  duration_ms: number;
  /** What happened: a webhook's outcome, the code of the error, or `ok`. */
  outcome: string;
  /** Clerk's type of the event. */
  type?: string;
  /** The webhook's message id. */
  message_id?: string;
  /** Code or class of what caused an error, and where it was thrown. */
  cause?: string;
}

/** Takes the entry of one finished request. */
export type Log = (entry: LogEntry) => void;

/**
 * Writes the entry as one line, errors of ours to stderr.
 *
 * @param entry The finished request.
 */
export function logLine(entry: LogEntry): void {
  const line = JSON.stringify(entry);
  // deno-lint-ignore no-console -- this is the one place that logs
  if (entry.status >= 500) console.error(line);
  // deno-lint-ignore no-console
  else console.log(line);
}

/**
 * Names the cause of an error without its message, which may quote data.
 *
 * @param error What was thrown.
 * @returns Code or class name, and for a programming error the frames of its stack.
 */
export function describeCause(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  if (typeof error !== "object" || error === null) return typeof error;
  if ("code" in error && typeof error.code === "string" && error.code !== "") return error.code;
  if (!(error instanceof Error)) return "object";
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at ")).slice(0, 5);
  return [error.name, ...frames.map((line) => line.trim())].join(" ");
}
