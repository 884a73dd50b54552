import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describeConfig } from "../../../../cli/adopt/config_file.ts";
import { putBlock } from "../../../../project/adopted/block.ts";
import { CommandError } from "../../../../project/errors.ts";

const NAMES = ["clerk-webhook", "profile"];

Deno.test("describeConfig() writes a section for each function, and nothing that needs editing", () => {
  const block = describeConfig('project_id = "mine"\n', NAMES);
  assertStringIncludes(block, "\n[functions.clerk-webhook]\nverify_jwt = false\n");
  assertStringIncludes(block, "\n[functions.profile]\nverify_jwt = false\n");
  assertEquals(block.match(/^\[.*\]$/gm), ["[functions.clerk-webhook]", "[functions.profile]"]);
});

Deno.test("describeConfig() does not repeat an existing section", () => {
  const text = "[functions.profile]\nverify_jwt = false\n[functions.own]\n";
  const block = describeConfig(text, NAMES);
  assertEquals(block.match(/^\[.*\]$/gm), ["[functions.clerk-webhook]"]);
});

/** The error for a configuration with faults, without its first and last line. */
function faultsIn(text: string): string[] {
  const { message } = assertThrows(() => describeConfig(text, NAMES), CommandError);
  assertEquals(message.includes("leak"), false, "no value is quoted, because it may be a secret");
  assertStringIncludes(message, "has other settings for functions of the bundle. Nothing is changed.");
  return message.split("\n").slice(1, -1);
}

Deno.test("describeConfig() names each setting to change or remove, with its line, and leaves values out", () => {
  const text = `project_id = "mine"

[functions.clerk-webhook]
enabled = false
verify_jwt = true # as supabase functions new writes it
import_map = "./leak.json"
entrypoint = "./leak.ts"
static_files = [
  "./leak/*.html",
]
[functions.own]
verify_jwt = true
[functions.clerk-webhook.env]
SECRET = "leak"

[functions."profile"]
enabled = true
`;
  const section = "[functions.clerk-webhook]";
  assertEquals(faultsIn(text), [
    `  line 4: ${section} enabled: remove it, because the function would not be deployed`,
    `  line 5: ${section} verify_jwt: change it to verify_jwt = false, because the platform would answer every webhook with 401`,
    `  line 6: ${section} import_map: remove it, because the bundle's function has its own deno.json, which names the import map`,
    `  line 7: ${section} entrypoint: remove it, because the bundle's function begins in its own index.ts`,
    `  line 8: ${section} static_files: remove it, because the bundle's function has no such files`,
    `  line 13: ${section} env: remove it, because variables are set in supabase/functions/.env and by supabase secrets set`,
    "  line 16: [functions.profile]: add verify_jwt = false, because the platform would answer every call with 401",
  ]);
});

Deno.test("describeConfig() accepts the result of its own advice", () => {
  const text =
    "[functions.clerk-webhook]\nverify_jwt = false\n[functions.profile]\nenabled = true\nverify_jwt = false\n";
  assertEquals(describeConfig(text, NAMES).match(/^\[.*\]$/gm), null);
});

Deno.test("describeConfig() finds the line of a setting in every form of TOML", () => {
  const fault = (line: number) => [
    `  line ${line}: [functions.profile] entrypoint: remove it, because the bundle's function begins in its own index.ts`,
  ];
  for (
    const [line, text] of [
      [2, 'a = 1\nfunctions.profile.entrypoint = "leak"\nfunctions.profile.verify_jwt = false\n'],
      [3, "[functions]\nprofile.verify_jwt = false\n'profile' . entrypoint = \"leak\"\n"],
      [2, '[functions]\nprofile = { verify_jwt = false, entrypoint = "leak" }\n'],
      [3, '[ functions . "profile" ]\r\nverify_jwt = false\r\nentrypoint = "leak"\r\n'],
    ] as const
  ) assertEquals(faultsIn(text), fault(line), text);
});

Deno.test("describeConfig() counts the file's lines, and ignores the bundle's own block", () => {
  const own = "[functions.profile]\nverify_jwt = false\nenabled = false\n";
  const text = putBlock("", "[functions.profile]\nenabled = false\n", "config.toml") + own;
  assertEquals(faultsIn(text), [
    "  line 7: [functions.profile] enabled: remove it, because the function would not be deployed",
  ]);
});

Deno.test("describeConfig() refuses a file that cannot get another section, and does not quote it", () => {
  for (
    const [text, why] of [
      ["functions = { own = { verify_jwt = true } }\n", "inline table"],
      ['password = "leak', "not valid TOML"],
    ]
  ) {
    const error = assertThrows(() => describeConfig(text!, NAMES), CommandError);
    assertStringIncludes(error.message, why!);
    assertEquals(error.message.includes("leak"), false);
  }
});
