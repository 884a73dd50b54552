/** The Supabase CLI has the commands and flags in the documentation. */
import { assert, assertEquals } from "@std/assert";
import { codeOf, readPages } from "../helpers/project/markdown.ts";
import { supabase } from "../helpers/project/supabase_cli.ts";

/** A command of the CLI. */
interface Command {
  flags: Set<string>;
  /** Whether its first argument is a command too. */
  isGroup: boolean;
}

/**
 * Reads every command, such as `db_push`, from the shell completions, so that the CLI starts only once.
 * The completions leave out the global flags, which the documentation does not use.
 */
async function readCommands(): Promise<Map<string, Command>> {
  const { code, stdout, stderr } = await supabase("--completions", "zsh");
  assertEquals(code, 0, stderr);
  return new Map(
    [...stdout.matchAll(/^_supabase(?:_([\w-]+))?\(\) \{$(.*?)^\}$/gms)].map(([, name = "", body]) => {
      const flags = [...body!.matchAll(/(?<=['")])--[a-z][a-z-]*/g)].map(([flag]) => flag);
      return [name, { flags: new Set(flags), isGroup: body!.includes("'1:command:->command'") }];
    }),
  );
}

/** Returns the commands and flags in a text that the CLI does not have. */
function faultsIn(code: string, commands: ReadonlyMap<string, Command>): string[] {
  const pattern = /(?<![\w./-])supabase ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?([^\n|;&]*)/g;
  return [...code.matchAll(pattern)].flatMap(([, first, second, rest]) => {
    const isNested = second !== undefined && commands.get(first!)?.isGroup;
    const name = isNested ? `${first} ${second}` : first!;
    const command = commands.get(name.replaceAll(/[ -]/g, "_"));
    if (!command) return [`supabase ${name}`];
    const flags = [...rest!.matchAll(/(?<= )--[a-z][a-z-]*/g)].map(([flag]) => flag);
    return flags.filter((flag) => !command.flags.has(flag)).map((flag) => `supabase ${name} ${flag}`);
  });
}

Deno.test("the Supabase CLI has every command and flag that the documentation names", async () => {
  const commands = await readCommands();
  const code = (await readPages()).flatMap(codeOf).join("\n");
  assert(code.split("supabase db push").length > 1);
  assertEquals(faultsIn(code, commands), []);
  const planted = ["supabase db push --gone", "supabase gone", "supabase functions gone"];
  assertEquals(faultsIn(planted.join("\n"), commands), planted);
});
