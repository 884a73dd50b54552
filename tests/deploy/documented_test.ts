/** The Supabase CLI has the commands and flags that the documentation tells people to use. */
import { assert, assertEquals } from "@std/assert";
import { codeOf, readPages } from "../helpers/markdown.ts";
import { supabase } from "../helpers/supabase_cli.ts";

/** The commands of a text, each with its flags. */
function commandsIn(code: string): Array<{ command: string; flags: string[] }> {
  const pattern = /(?<![\w./-])supabase ((?:db|functions|gen|migration|secrets|test) [a-z-]+|[a-z][a-z-]*)([^\n|;&]*)/g;
  return [...code.matchAll(pattern)].map(([, command, rest]) => ({
    command: command!,
    flags: [...rest!.matchAll(/(?<= )--[a-z][a-z-]*/g)].map(([flag]) => flag),
  }));
}

/** Which of some flags a command lacks; the command itself, where the CLI has none of that name. */
async function missing(command: string, flags: readonly string[]): Promise<string[]> {
  const { stdout } = await supabase(...command.split(" "), "--help");
  // Of a command that it does not have, it prints the help of the one above.
  if (!stdout.includes(`\n  supabase ${command} `)) return [`supabase ${command}`];
  const known = new Set([...stdout.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag));
  return flags.filter((flag) => !known.has(flag)).map((flag) => `supabase ${command} ${flag}`);
}

async function allMissing(codes: readonly string[]): Promise<string[]> {
  const flagsOf = new Map<string, Set<string>>();
  for (const { command, flags } of codes.flatMap(commandsIn)) {
    flagsOf.set(command, new Set([...flagsOf.get(command) ?? [], ...flags]));
  }
  assert(flagsOf.size > 0);
  return (await Promise.all([...flagsOf].map(([command, flags]) => missing(command, [...flags])))).flat();
}

Deno.test("the Supabase CLI has every command and flag that the documentation names", async () => {
  assertEquals(await allMissing((await readPages()).flatMap(codeOf)), []);
});

Deno.test("a command or a flag that the Supabase CLI does not have is found", async () => {
  assertEquals(await allMissing(["supabase db push --gone", "supabase gone", "supabase functions gone --help"]), [
    "supabase db push --gone",
    "supabase gone",
    "supabase functions gone",
  ]);
});
