import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HELP, portFlag, readFlags } from "../../../dev/flags.ts";

Deno.test("deno task dev uses the ports of config.toml and of the simulator, and forgets on exit", () => {
  const given = { project: undefined, apiPort: undefined, host: undefined };
  assertEquals(readFlags([]), {
    ...given,
    clerkPort: 54350,
    persist: false,
    renewKeys: false,
    writeEnv: [],
    help: false,
  });
});

Deno.test("deno task dev takes a project, ports, --host, --persist, --renew-keys, folders of apps and --help", () => {
  const values = ["--project", "../app", "--port", "0", "--clerk-port=8080", "--host", "0.0.0.0"];
  assertEquals(readFlags([...values, "--persist", "--renew-keys", "--write-env=a", "--write-env", "b", "--help"]), {
    ...{ project: "../app", apiPort: 0, clerkPort: 8080, host: "0.0.0.0" },
    ...{ persist: true, renewKeys: true, writeEnv: ["a", "b"], help: true },
  });
});

Deno.test("portFlag() names the one flag that chooses another port", () => {
  const flags = readFlags(["--clerk-port", "8080"]);
  assertEquals([8080, 54321].map((port) => portFlag(port, flags)), ["--clerk-port", "--port"]);
  assertEquals(portFlag(8080, readFlags(["--port", "8080", "--clerk-port", "8081"])), "--port");
});

for (const args of [["--prot", "1"], ["--port", "eleven"], ["--port", "99999"], ["--clerk-port", "-1"]]) {
  Deno.test(`deno task dev names the wrong flag in ${args.join(" ")}`, () => {
    assertStringIncludes(assertThrows(() => readFlags(args), TypeError).message, args[0]!);
  });
}

Deno.test("deno task dev --help lists every flag", () => {
  for (
    const flag of [
      "--project",
      "--port",
      "--clerk-port",
      "--host",
      "--persist",
      "--renew-keys",
      "--write-env",
      "--help",
    ]
  ) {
    assertStringIncludes(HELP, `  ${flag} `);
  }
});
