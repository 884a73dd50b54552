/**
 * Resolves the address of `--host`.
 *
 * @module
 */
import { type Address, LOOPBACK } from "../project/listen.ts";

/** Addresses that mean every address of the machine. */
const EVERY = ["0.0.0.0", "::"];

/** An address of a network interface. */
type Interface = Pick<Deno.NetworkInterfaceInfo, "address" | "family">;

/**
 * Returns the address to listen on and the host name for its URLs.
 *
 * @param host The value of `--host`; 127.0.0.1 if undefined.
 * @param interfaces The addresses of this machine.
 * @returns The address. For "every address", the host name is the first address that is not the loopback.
 */
export function readAddress(host: string | undefined, interfaces: () => readonly Interface[]): Address {
  if (host === undefined) return LOOPBACK;
  if (!EVERY.includes(host)) return { hostname: host, name: host.includes(":") ? `[${host}]` : host };
  const reachable = interfaces().find(({ address, family }) => family === "IPv4" && !address.startsWith("127."));
  return { hostname: host, name: reachable?.address ?? LOOPBACK.name };
}

/**
 * Returns whether an address is reachable only from this machine.
 *
 * @param address The address.
 * @returns Whether it is a loopback address.
 */
export function isLoopback({ hostname }: Address): boolean {
  return hostname.startsWith("127.") || hostname === "localhost" || hostname === "::1";
}
