import { assertEquals, assertThrows } from "@std/assert";
import { putBlock, readBlock, takeBlock } from "../../../../project/adopted/block.ts";
import { CommandError } from "../../../../project/errors.ts";

const FILE = "config.toml";

Deno.test("takeBlock() leaves what was there before putBlock(), with a last line that ends and without", () => {
  for (const text of ["", "\n", "a = 1\n", "a = 1", "# note\n\n[b]\nc = 2\n\n", "a = 1\r\nb = 2\r\n"]) {
    const added = putBlock(text, "x = 1\ny = 2\n", FILE);
    assertEquals(added.startsWith(text), true);
    assertEquals(readBlock(added, FILE), "x = 1\ny = 2\n");
    assertEquals(takeBlock(added, FILE), text);
  }
});

Deno.test("putBlock() writes in the place of the last one, and leaves what is around it", () => {
  const added = `${putBlock("before\n", "x = 1\n", FILE)}after\n`;
  const updated = putBlock(added, "y = 2\n", FILE);
  assertEquals(updated, added.replace("x = 1", "y = 2"));
  assertEquals(takeBlock(updated, FILE), "before\nafter\n");
  assertEquals(readBlock(putBlock(updated, "", FILE), FILE), "");
});

Deno.test("readBlock() finds no block where there is none, and refuses one without an end", () => {
  assertEquals(readBlock("a = 1\n", FILE), undefined);
  assertEquals(takeBlock("a = 1\n", FILE), "a = 1\n");
  const open = putBlock("", "x = 1\n", FILE).replace("# <<< clerk-supabase", "");
  const error = assertThrows(() => takeBlock(open, FILE), CommandError);
  assertEquals(error.message, 'Cannot read config.toml: the line "# <<< clerk-supabase" is missing');
});

Deno.test("putBlock() ends its lines as the file's lines end", () => {
  const text = putBlock("a = 1\r\n", "x = 1\ny = 2\n", FILE);
  assertEquals(text.replaceAll("\r\n", "").includes("\n"), false);
  assertEquals(readBlock(text, FILE), "x = 1\ny = 2\n");
  assertEquals(putBlock(text, "z = 3\n", FILE), text.replace("x = 1\r\ny = 2", "z = 3"));
});
