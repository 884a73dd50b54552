/**
 * Who may call, as the document says it: names of its security schemes.
 *
 * @module
 */

/** A signed-in user, by Clerk's session token. */
export const SESSION_TOKEN = { sessionToken: [] } as const;

/** Clerk, by the signature that Svix makes. */
export const SVIX_SIGNATURE = { svixSignature: [] } as const;

/** An operator or a schedule, by the project's secret key. */
export const SECRET_KEY = { secretKey: [] } as const;

/** Everybody. */
export const ANYBODY = {} as const;

/** The schemes by name. */
export const SECURITY_SCHEMES = {
  sessionToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "A session token of Clerk, from `getToken()` without a template. It lives for a minute: ask for one for each " +
      "request.",
  },
  svixSignature: {
    type: "apiKey",
    in: "header",
    name: "svix-signature",
    description:
      "Signatures of `<svix-id>.<svix-timestamp>.<body>`, separated by spaces. One by any of the configured secrets " +
      "will do. The headers may be called `webhook-id`, `webhook-timestamp` and `webhook-signature` too.",
  },
  secretKey: {
    type: "apiKey",
    in: "header",
    name: "apikey",
    description:
      "A secret key of the Supabase project, `sb_secret_…`, for operators. `Authorization: Bearer` will do too. It " +
      "must not get into a browser.",
  },
} as const;
