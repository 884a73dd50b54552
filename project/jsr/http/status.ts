/**
 * Stand-in for `@std/http/status` if JSR does not answer: only the symbols in use here.
 *
 * @module
 */

/** HTTP status codes by name (RFC 9110 §15). */
export const STATUS_CODE = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  Conflict: 409,
  Gone: 410,
  ContentTooLarge: 413,
  UnprocessableEntity: 422,
  InternalServerError: 500,
  ServiceUnavailable: 503,
} as const;
