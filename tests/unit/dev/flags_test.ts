import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HELP, readFlags } from "../../../dev/flags.ts";

Deno.test("deno task dev uses the ports of config.toml and of the simulator, and forgets on exit", () => {
  const flags = { project: undefined, apiPort: undefined, clerkPort: 54350, persist: false, help: false };
  assertEquals(readFlags([]), flags);
});

Deno.test("deno task dev takes a project, ports, --persist and --help", () => {
  const flags = readFlags(["--project", "../app", "--port", "0", "--clerk-port=8080", "--persist", "--help"]);
  assertEquals(flags, { project: "../app", apiPort: 0, clerkPort: 8080, persist: true, help: true });
});

for (const args of [["--prot", "1"], ["--port", "eleven"], ["--port", "99999"], ["--clerk-port", "-1"]]) {
  Deno.test(`deno task dev names the wrong flag in ${args.join(" ")}`, () => {
    assertStringIncludes(assertThrows(() => readFlags(args), TypeError).message, args[0]!);
  });
}

Deno.test("deno task dev --help lists every flag", () => {
  for (const flag of ["--project", "--port", "--clerk-port", "--persist", "--help"]) assertStringIncludes(HELP, flag);
});
