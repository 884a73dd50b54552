/**
 * Errors that the user can fix: a command prints their message as one line.
 *
 * @module
 */

/** An unusable file of the project; the message names the file. */
export class ProjectError extends Error {
  override name = "ProjectError";
}

/** Wrong usage of a command: the exit code is 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** A failure that the user can fix: the exit code is 1. */
export class CommandError extends Error {
  override name = "CommandError";
}

/** The user has stopped the command. */
export class StoppedError extends CommandError {
  override name = "StoppedError";
}

/** 128 plus the number of SIGHUP, SIGINT or SIGTERM. */
const STOPPED_CODES = [129, 130, 143];

/**
 * Throws if a signal has stopped a program. Ctrl-C reaches this process and the program at the same time, and the end
 * of the program is often noticed first.
 *
 * @param code The program's exit code: the same whether the signal ended it, or the program handled the signal.
 * @throws {StoppedError} If the program was stopped.
 */
export function requireNotStopped(code: number): void {
  if (STOPPED_CODES.includes(code)) throw new StoppedError("Stopped");
}

/** The errors of the operating system, such as a missing file, a full disk or a refused connection. */
const SYSTEM_ERRORS = Object.values(Deno.errors);

/**
 * Returns the message of an error that the user can fix.
 *
 * @param error The error.
 * @returns The message of a command; one line of any other error. Undefined for a bug, whose stack trace is needed.
 */
export function describeFailure(error: unknown): string | undefined {
  if (error instanceof CommandError || error instanceof UsageError) return error.message;
  if (error instanceof ProjectError) return firstLine(error.message);
  return isSystemError(error) ? `Cannot continue: ${reasonOf(error)}` : undefined;
}

/** Node's modules throw errors that only their code identifies. */
function isSystemError(error: unknown): boolean {
  if (SYSTEM_ERRORS.some((kind) => error instanceof kind)) return true;
  return error instanceof Error && "code" in error && /^E[A-Z]+$/.test(String(error.code));
}

/**
 * Returns the reason in an error's message.
 *
 * @param error The error.
 * @returns One line.
 */
export function reasonOf(error: unknown): string {
  return firstLine(error instanceof Error ? error.message || error.name : String(error));
}

const firstLine = (text: string) => text.trim().split("\n")[0]!;
