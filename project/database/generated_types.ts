/**
 * Generates TypeScript types of a database with the Supabase CLI.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { CommandError } from "../errors.ts";
import { runSupabase } from "../supabase_cli.ts";

/**
 * Runs `supabase gen types`.
 *
 * @param url The database, `postgresql://…`.
 * @param root The folder to run the CLI in.
 * @param schemas The schemas whose tables and functions get types.
 * @returns The unformatted output of `supabase gen types`.
 * @throws {CommandError} If the CLI fails; the message has its reason.
 */
export async function generateTypes(url: string, root: URL, schemas: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runSupabase({ folder: root }, [
    ...["gen", "types", `--remote=${url}?sslmode=disable`],
    ...schemas.map((schema) => `--schema=${schema}`),
  ]);
  if (code !== 0) throw new CommandError(`Cannot generate types: supabase gen types failed: ${stderr.trim()}`);
  return stdout;
}

/**
 * Formats TypeScript, because the CLI does not.
 *
 * @param source The code.
 * @param config A `deno.json` with the style; the default is Deno's own style.
 * @returns The formatted code.
 */
export async function formatTypes(source: string, config?: URL): Promise<string> {
  const style = config ? ["--config", fileURLToPath(config)] : ["--no-config"];
  const formatter = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", ...style, "--ext=ts", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  // Reading starts before writing, because the pipes cannot hold all of the text.
  const output = formatter.output();
  const input = formatter.stdin.getWriter();
  await input.write(new TextEncoder().encode(source));
  await input.close();
  const { success, stdout } = await output;
  if (!success) throw new CommandError("Cannot generate types: deno fmt failed");
  return new TextDecoder().decode(stdout);
}
