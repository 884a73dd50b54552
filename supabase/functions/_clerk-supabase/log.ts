/**
 * Writes one JSON line per request.
 *
 * @module
 */

/** The fields of a request's line. There is no field for a name, an address, a token or a body. */
export interface LogEntry {
  function: string;
  request_id: string;
  method: string;
  status: number;
  duration_ms: number;
  /** A webhook's outcome, the code of an error, or `ok`. */
  outcome: string;
  /** Clerk's type of the event. */
  type?: string;
  /** The webhook's message id. */
  message_id?: string;
  /** Code or class of an error's cause, and its stack frames. */
  cause?: string;
}

/** Writes the entry of one finished request. */
export type Log = (entry: LogEntry) => void;

/**
 * Writes the entry as one line: to stderr for a status of 500 or more, otherwise to stdout.
 *
 * @param entry The finished request.
 */
export function logLine(entry: LogEntry): void {
  const line = JSON.stringify(entry);
  // deno-lint-ignore no-console -- only this function logs
  if (entry.status >= 500) console.error(line);
  // deno-lint-ignore no-console
  else console.log(line);
}

/**
 * Names the cause of an error without its message, which may quote data.
 *
 * @param error The thrown value.
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
