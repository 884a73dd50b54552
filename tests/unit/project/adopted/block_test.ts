import { assertEquals, assertThrows } from "@std/assert";
import { blankBlock, putBlock, readBlock, takeBlock } from "../../../../project/adopted/block.ts";
import { CommandError } from "../../../../project/errors.ts";

const FILE = "config.toml";

Deno.test("takeBlock() restores the text from before putBlock(), with and without a final line feed", () => {
  for (const text of ["", "\n", "a = 1\n", "a = 1", "# note\n\n[b]\nc = 2\n\n", "a = 1\r\nb = 2\r\n"]) {
    const added = putBlock(text, "x = 1\ny = 2\n", FILE);
    assertEquals(added.startsWith(text), true);
    assertEquals(readBlock(added, FILE), "x = 1\ny = 2\n");
    assertEquals(takeBlock(added, FILE), text);
  }
});

Deno.test("putBlock() replaces the previous block, and keeps the text around it", () => {
  const added = `${putBlock("before\n", "x = 1\n", FILE)}after\n`;
  const updated = putBlock(added, "y = 2\n", FILE);
  assertEquals(updated, added.replace("x = 1", "y = 2"));
  assertEquals(takeBlock(updated, FILE), "before\nafter\n");
  assertEquals(readBlock(putBlock(updated, "", FILE), FILE), "");
});

Deno.test("readBlock() returns undefined without a block", () => {
  assertEquals(readBlock("a = 1\n", FILE), undefined);
  assertEquals(takeBlock("a = 1\n", FILE), "a = 1\n");
});

Deno.test("readBlock() refuses a block without one of its marks, and names the place for it", () => {
  const added = putBlock("a = 1\n", "x = 1\n", FILE);
  for (
    const [mark, place] of [
      ["# >>> clerk-supabase", "above the bundle's first line"],
      ["# <<< clerk-supabase", "below the bundle's last line"],
    ] as const
  ) {
    const rest = added.split("\n").filter((line) => !line.startsWith(mark)).join("\n");
    const error = assertThrows(() => readBlock(rest, FILE), CommandError);
    assertEquals(error.message, `Cannot read config.toml: the line "${mark}" is missing. Write it ${place}`);
    assertThrows(() => takeBlock(rest, FILE), CommandError);
  }
});

Deno.test("blankBlock() keeps the numbers of the other lines", () => {
  for (const eol of ["\n", "\r\n"]) {
    const added = `${putBlock(`a = 1${eol}`, "x = 1\n", FILE)}b = 2${eol}`;
    const lines = blankBlock(added, FILE).split("\n").map((line) => line.trim());
    assertEquals(lines, ["a = 1", "", "", "", "", "b = 2", ""]);
  }
  assertEquals(blankBlock("a = 1\n", FILE), "a = 1\n");
});

Deno.test("putBlock() uses the file's line ends", () => {
  const text = putBlock("a = 1\r\n", "x = 1\ny = 2\n", FILE);
  assertEquals(text.replaceAll("\r\n", "").includes("\n"), false);
  assertEquals(readBlock(text, FILE), "x = 1\ny = 2\n");
  assertEquals(putBlock(text, "z = 3\n", FILE), text.replace("x = 1\r\ny = 2", "z = 3"));
});
