/**
 * Where this repository is.
 *
 * @module
 */

/** The root of the repository. */
export const ROOT = new URL("../", import.meta.url);
