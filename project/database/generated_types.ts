/**
 * TypeScript types of a database, as the Supabase CLI generates them.
 *
 * @module
 */
import { CommandError } from "../errors.ts";
import { runSupabase } from "../supabase_cli.ts";

/**
 * Generates the types.
 *
 * @param url The database, `postgresql://…`.
 * @param root The folder that the CLI runs in.
 * @param schemas The schemas whose tables and functions get types.
 * @returns What `supabase gen types` prints.
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
