import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HELP, readFlags } from "../../../dev/flags.ts";

Deno.test("deno task dev uses the ports of config.toml and of the simulator, and forgets on exit", () => {
  const host = undefined;
  const flags = { apiPort: 54321, clerkPort: 54350, host, persist: false, renewKeys: false, help: false };
  assertEquals(readFlags([], 54321), flags);
});

Deno.test("deno task dev takes ports, --host, --persist, --renew-keys and --help", () => {
  const ports = ["--port", "0", "--clerk-port=8080"];
  const flags = readFlags([...ports, "--host", "0.0.0.0", "--persist", "--renew-keys", "--help"], 54321);
  const host = "0.0.0.0";
  assertEquals(flags, { apiPort: 0, clerkPort: 8080, host, persist: true, renewKeys: true, help: true });
});

for (const args of [["--prot", "1"], ["--port", "eleven"], ["--port", "99999"], ["--clerk-port", "-1"]]) {
  Deno.test(`deno task dev names the wrong flag in ${args.join(" ")}`, () => {
    assertStringIncludes(assertThrows(() => readFlags(args, 54321), TypeError).message, args[0]!);
  });
}

Deno.test("deno task dev --help lists every flag", () => {
  for (const flag of ["--port", "--clerk-port", "--host", "--persist", "--renew-keys", "--help"]) {
    assertStringIncludes(HELP, `  ${flag} `);
  }
});
