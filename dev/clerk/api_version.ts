/**
 * Differences between versions of Clerk's Backend API, which callers select by the header `Clerk-API-Version`.
 *
 * @module
 */

/** The first version in which `PATCH` of a user or an organization rejects metadata. */
const WITHOUT_METADATA = "2026-05-12";

/**
 * Returns whether `PATCH` of a user or an organization accepts metadata in the request's version.
 *
 * @param request The request. Without the header, an earlier version applies.
 * @returns Whether it accepts metadata.
 */
export function takesMetadata({ headers }: Request): boolean {
  const version = headers.get("clerk-api-version");
  return version === null || version < WITHOUT_METADATA;
}
