/** The address of `deno task dev --host`. */
import { assertEquals } from "@std/assert";
import { isLoopback, readAddress } from "../../../dev/address.ts";

const INTERFACES = () => [
  { address: "127.0.0.1", family: "IPv4" as const },
  { address: "fe80::1", family: "IPv6" as const },
  { address: "192.0.2.7", family: "IPv4" as const },
];

for (
  const [host, hostname, name] of [
    [undefined, "127.0.0.1", "127.0.0.1"],
    ["192.0.2.7", "192.0.2.7", "192.0.2.7"],
    ["0.0.0.0", "0.0.0.0", "192.0.2.7"],
    ["::", "::", "192.0.2.7"],
    ["::1", "::1", "[::1]"],
  ] as const
) {
  Deno.test(`--host ${host} listens on ${hostname} and prints URLs with ${name}`, () => {
    assertEquals(readAddress(host, INTERFACES), { hostname, name });
  });
}

Deno.test("only this machine reaches a loopback address", () => {
  const reachable = ["127.0.0.1", "127.0.0.2", "localhost", "::1", "0.0.0.0", "::", "192.0.2.7"].filter((host) =>
    !isLoopback(readAddress(host, INTERFACES))
  );
  assertEquals(reachable, ["0.0.0.0", "::", "192.0.2.7"]);
});
