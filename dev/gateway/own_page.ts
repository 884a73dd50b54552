/**
 * Tells requests of the stack's own pages from those of other pages in a browser on this machine.
 *
 * @module
 */
import { isOwnHost } from "../own_host.ts";

/**
 * Returns whether a request comes from a page of the stack or does not come from a page at all. It checks the host
 * too, because another site could point its own domain name at this machine.
 *
 * @param request The request.
 * @param stackUrl The project's URL.
 * @returns Whether the request may read data that only the owner of the stack may see.
 */
export function isOwnPage(request: Request, stackUrl: string): boolean {
  const { origin, hostname } = new URL(request.url);
  if (!isOwnHost(hostname, stackUrl)) return false;
  const [from, site] = [request.headers.get("origin"), request.headers.get("sec-fetch-site")];
  return (from === null || from === origin) && (site === null || site === "same-origin" || site === "none");
}
