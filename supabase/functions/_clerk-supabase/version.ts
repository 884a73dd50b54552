/**
 * The version of the bundle. It is in this folder because projects copy this folder.
 *
 * @module
 */

/** The version, the same as in `CHANGELOG.md`. */
export const VERSION = "0.2.0";
