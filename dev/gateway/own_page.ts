/**
 * Requests of the stack's own pages, as opposed to any page that a browser on this machine shows.
 *
 * @module
 */

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Returns whether a request comes from a page of the stack, or from no page at all. A page elsewhere could give its
 * own name this machine's address, and would then ask for that name.
 *
 * @param request The request.
 * @param stackUrl The project's URL.
 * @returns Whether what only the owner of the stack may read can be answered.
 */
export function isOwnPage(request: Request, stackUrl: string): boolean {
  const { origin, hostname } = new URL(request.url);
  if (![...LOOPBACK, new URL(stackUrl).hostname].includes(hostname)) return false;
  const [from, site] = [request.headers.get("origin"), request.headers.get("sec-fetch-site")];
  return (from === null || from === origin) && (site === null || site === "same-origin" || site === "none");
}
