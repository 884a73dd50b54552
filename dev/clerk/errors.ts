/**
 * The simulator's errors.
 *
 * @module
 */

/** Details of an error in addition to its message. */
export interface ErrorDetails {
  /** The name of the invalid parameter. */
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
 * Returns the error for an invalid parameter.
 *
 * @param param The parameter's name.
 * @param message Says what the parameter must be.
 * @param code Clerk's error code.
 * @returns The error, 422.
 */
export function invalidParameter(param: string, message: string, code = "form_param_format_invalid"): ClerkError {
  return new ClerkError(422, code, message, { param });
}

/**
 * Returns the error for a feature that Clerk has and the simulator lacks. The status is never 404, because an app would
 * read that as "user not found" and act on it.
 *
 * @param message Names the missing feature.
 * @param details The parameter's name, if the feature is a parameter.
 * @returns The error, 501.
 */
export function notSimulated(message: string, details: ErrorDetails = {}): ClerkError {
  return new ClerkError(501, "not_simulated", message, details);
}
