/**
 * Tells hosts of this machine from domain names that another site points at this machine (DNS rebinding).
 *
 * @module
 */
import { isIP } from "node:net";

/**
 * Returns whether a request's host belongs to this machine. Another site can point its domain name at this machine, but
 * it cannot choose an address, because pages of an address come from that address.
 *
 * @param hostname The host of the request's URL.
 * @param ownUrl The URL of the stack or of the simulator, whose host may be a name of this machine.
 * @returns Whether it is an address, `localhost` or the host of the URL.
 */
export function isOwnHost(hostname: string, ownUrl: string): boolean {
  const isAddress = isIP(hostname.replace(/^\[(.*)\]$/, "$1")) !== 0;
  return isAddress || /^(.+\.)?localhost$/.test(hostname) || hostname === new URL(ownUrl).hostname;
}
