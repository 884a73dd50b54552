import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HELP, readFlags } from "../../../dev/flags.ts";

Deno.test("deno task dev uses the ports of config.toml and of the simulator, and forgets on exit", () => {
  assertEquals(readFlags([], 54321), { apiPort: 54321, clerkPort: 54350, persist: false, help: false });
});

Deno.test("deno task dev takes ports, --persist and --help", () => {
  const flags = readFlags(["--port", "0", "--clerk-port=8080", "--persist", "--help"], 54321);
  assertEquals(flags, { apiPort: 0, clerkPort: 8080, persist: true, help: true });
});

for (const args of [["--prot", "1"], ["--port", "eleven"], ["--port", "99999"], ["--clerk-port", "-1"]]) {
  Deno.test(`deno task dev names the wrong flag in ${args.join(" ")}`, () => {
    assertStringIncludes(assertThrows(() => readFlags(args, 54321), TypeError).message, args[0]!);
  });
}

Deno.test("deno task dev --help lists every flag", () => {
  for (const flag of ["--port", "--clerk-port", "--persist", "--help"]) assertStringIncludes(HELP, flag);
});
