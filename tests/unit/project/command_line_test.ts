import { assertEquals } from "@std/assert";
import { commandLine } from "../../../project/command_line.ts";

Deno.test("commandLine() names the task of a command, unless the package started it", () => {
  for (const name of ["add", "deploy", "dev", "remove", "types"]) assertEquals(commandLine(name), `deno task ${name}`);
  assertEquals(commandLine("deploy --sources"), "deno task deploy --sources");
  assertEquals(commandLine("reconcile --bind ins_1"), "deno task clerk reconcile --bind ins_1");
});
