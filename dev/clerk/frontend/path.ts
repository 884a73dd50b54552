/**
 * Where the Frontend API is, below the simulator's address: what clerk-js takes as `proxyUrl`. Without it, clerk-js
 * would use https.
 *
 * @module
 */

/** The path. */
export const FRONTEND_PATH = "/__clerk";
