/**
 * The path of the Frontend API below the simulator's address, which clerk-js needs as `proxyUrl`. Without it, clerk-js
 * would use https.
 *
 * @module
 */

/** The path, without a trailing slash. */
export const FRONTEND_PATH = "/__clerk";
