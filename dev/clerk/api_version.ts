/**
 * What differs between the versions of Clerk's Backend API, which callers name in the header `Clerk-API-Version`.
 *
 * @module
 */

/** The first version in which `PATCH` of a user or an organization takes no metadata. */
const WITHOUT_METADATA = "2026-05-12";

/**
 * Tells whether `PATCH` of a user or an organization takes metadata.
 *
 * @param request The request. Without the header it is for an earlier version.
 * @returns Whether it does.
 */
export function takesMetadata({ headers }: Request): boolean {
  const version = headers.get("clerk-api-version");
  return version === null || version < WITHOUT_METADATA;
}
