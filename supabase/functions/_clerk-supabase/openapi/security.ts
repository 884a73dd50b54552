/**
 * The security schemes of the OpenAPI document.
 *
 * @module
 */

/** A signed-in user with Clerk's session token. */
export const SESSION_TOKEN = { sessionToken: [] } as const;

/** Clerk, with the signature of Svix. */
export const SVIX_SIGNATURE = { svixSignature: [] } as const;

/** An operator or a schedule with the project's secret key. */
export const SECRET_KEY = { secretKey: [] } as const;

/** No credentials are required. */
export const ANYBODY = {} as const;

/** The schemes by name. */
export const SECURITY_SCHEMES = {
  sessionToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "A session token of Clerk, from `getToken()` without a template. It is valid for one minute, so call " +
      "`getToken()` for each request.",
  },
  svixSignature: {
    type: "apiKey",
    in: "header",
    name: "svix-signature",
    description:
      "Signatures of `<svix-id>.<svix-timestamp>.<body>`, separated by spaces. A signature by any of the configured " +
      "secrets is enough. The headers `webhook-id`, `webhook-timestamp` and `webhook-signature` are accepted too.",
  },
  secretKey: {
    type: "apiKey",
    in: "header",
    name: "apikey",
    description: "A secret key of the Supabase project, `sb_secret_…`, for operators. It may also be sent as " +
      "`Authorization: Bearer`. Never use it in a browser.",
  },
} as const;
