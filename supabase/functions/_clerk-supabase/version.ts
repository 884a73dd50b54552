/**
 * Which version of the bundle this is. It is here because this folder is what projects copy.
 *
 * @module
 */

/** The version, as `CHANGELOG.md` has it. */
export const VERSION = "0.1.0";
