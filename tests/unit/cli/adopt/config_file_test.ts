import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describeConfig } from "../../../../cli/adopt/config_file.ts";
import { CommandError } from "../../../../project/errors.ts";

const NAMES = ["clerk-webhook", "profile"];

Deno.test("describeConfig() writes a section for each function, and none that people have to change", () => {
  const block = describeConfig('project_id = "mine"\n', NAMES);
  assertStringIncludes(block, "\n[functions.clerk-webhook]\nverify_jwt = false\n");
  assertStringIncludes(block, "\n[functions.profile]\nverify_jwt = false\n");
  assertEquals(block.match(/^\[.*\]$/gm), ["[functions.clerk-webhook]", "[functions.profile]"]);
});

Deno.test("describeConfig() repeats no section that is there", () => {
  const text = "[functions.profile]\nverify_jwt = false\n[functions.own]\n";
  const block = describeConfig(text, NAMES);
  assertEquals(block.match(/^\[.*\]$/gm), ["[functions.clerk-webhook]"]);
});

Deno.test("describeConfig() refuses another function's settings, and a file that takes no section, and quotes nothing", () => {
  for (
    const [text, why] of [
      ["[functions.profile]\nverify_jwt = true\n", "[functions.profile]"],
      ['[functions.profile]\nverify_jwt = false\nentrypoint = "./leak.ts"\n', "[functions.profile]"],
      ["functions = { own = { verify_jwt = true } }\n", "inline table"],
      ['password = "leak', "no valid TOML"],
    ]
  ) {
    const error = assertThrows(() => describeConfig(text!, NAMES), CommandError);
    assertStringIncludes(error.message, why!);
    assertEquals(error.message.includes("leak"), false);
  }
});
