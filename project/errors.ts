/**
 * Errors that people can fix: a command prints their message as one line.
 *
 * @module
 */

/** A file of the project cannot be used; the message names it. */
export class ProjectError extends Error {
  override name = "ProjectError";
}

/** A command that makes no sense: the exit code is 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** A command failed for a reason that people can fix: the exit code is 1. */
export class CommandError extends Error {
  override name = "CommandError";
}

/** The user has stopped the command. */
export class StoppedError extends CommandError {
  override name = "StoppedError";
}

/** 128 and the number of SIGHUP, SIGINT or SIGTERM. */
const STOPPED_CODES = [129, 130, 143];

/**
 * Throws if a signal that stops has ended a program. Ctrl-C goes to this process and to the program at the same time, and
 * the end of the program is often noticed first.
 *
 * @param code The program's exit code: the same whether the signal ended it, or the program handled the signal.
 * @throws {StoppedError} If it was stopped.
 */
export function requireNotStopped(code: number): void {
  if (STOPPED_CODES.includes(code)) throw new StoppedError("Stopped");
}
