import { assertEquals, assertThrows } from "@std/assert";
import { describeSecrets, withoutSecrets } from "../../../../cli/deploy/secrets.ts";
import { CommandError } from "../../../../project/errors.ts";

Deno.test("describeSecrets() quotes a value with a character that it does not contain and that does not change it", () => {
  const secrets = { A: "plain", B: "it's", C: "it's `so`", D: "two\nlines" };
  assertEquals(describeSecrets(secrets), "A='plain'\nB=`it's`\nC=\"it's `so`\"\nD='two\nlines'\n");
  assertEquals(describeSecrets({ FOLDER: "C:\\dir\\", AFTER: "it's" }), "FOLDER=C:\\dir\\\nAFTER=`it's`\n");
  for (const value of ["'`\"", "'`\\n", "a b\\", "a#b\\", "$a\\", "a\nb\\", "'a\\", "a\r\nb"]) {
    const { message } = assertThrows(() => describeSecrets({ ODD: value }), CommandError);
    assertEquals(message.startsWith("Cannot set ODD: "), true);
    assertEquals(message.includes(value), false);
  }
});

Deno.test("describeSecrets() refuses a name that the CLI would skip", () => {
  assertEquals(describeSecrets({ _a1: "x" }), "_a1='x'\n");
  for (const name of ["A B", "A-B", "1A", "A.B", ""]) {
    const { message } = assertThrows(() => describeSecrets({ [name]: "secret" }), CommandError);
    assertEquals([message.startsWith(`Cannot set ${name}: `), message.includes("secret")], [true, false]);
  }
});

Deno.test("withoutSecrets() puts a name in a value's place, the longest first, and leaves short words alone", () => {
  const secrets = { CLERK_REQUIRE_AZP: "true", SHORT: "sk_test_12", LONG: "sk_test_1234" };
  assertEquals(
    withoutSecrets("is it true that sk_test_1234 and sk_test_12 are refused", secrets),
    "is it true that <LONG> and <SHORT> are refused",
  );
});

Deno.test("withoutSecrets() finds a value in JSON, in nested JSON, and by one of its lines", () => {
  const KEY = 'first "line"\n\tsecond\\line\nshort\n';
  const once = JSON.stringify({ message: KEY });
  assertEquals(withoutSecrets(once, { KEY }), '{"message":"<KEY>"}');
  assertEquals(withoutSecrets(JSON.stringify({ once }), { KEY }), '{"once":"{\\"message\\":\\"<KEY>\\"}"}');
  assertEquals(withoutSecrets("at second\\line:", { KEY }), "at <KEY>:");
  assertEquals(withoutSecrets(JSON.stringify('at first "line"'), { KEY }), '"at <KEY>"');
});
