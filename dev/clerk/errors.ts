/**
 * What the simulator refuses with.
 *
 * @module
 */

/** What an error says besides its message. */
export interface ErrorDetails {
  /** The parameter that is wrong. */
  param?: string;
  headers?: Record<string, string>;
}

/** An error in Clerk's format. */
export class ClerkError extends Error {
  override name = "ClerkError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message);
  }
}

/**
 * A parameter that is not as it has to be.
 *
 * @param param Its name.
 * @param message What it has to be.
 * @param code Clerk's code for it.
 * @returns The error, 422.
 */
export function invalidParameter(param: string, message: string, code = "form_param_format_invalid"): ClerkError {
  return new ClerkError(422, code, message, { param });
}

/**
 * Returns the refusal of what Clerk has and the simulator does not. It is never 404: an app would take that for "no such
 * user" and act on it.
 *
 * @param message Names what is missing.
 * @param details The parameter, if it is one.
 * @returns The error, 501.
 */
export function notSimulated(message: string, details: ErrorDetails = {}): ClerkError {
  return new ClerkError(501, "not_simulated", message, details);
}
