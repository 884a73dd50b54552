/**
 * The database's types as the Supabase CLI generates them: what `supabase/functions/_clerk-supabase/database/types.ts` holds.
 *
 * @module
 */
import { ROOT } from "../project/root.ts";
import { generateTypes as generate } from "../project/database/generated_types.ts";

/** Where the functions read them. */
export const TYPES = new URL("../supabase/functions/_clerk-supabase/database/types.ts", import.meta.url);

const HEADER = `/**
 * The database as supabase-js sees it, as \`supabase gen types\` says. Made from the migrations by \`deno task types\`, and
 * not to be edited.
 *
 * @module
 */
`;

/**
 * Generates the file.
 *
 * @param url A database with the migrations, `postgresql://…`.
 * @returns Its text, formatted as all of the project is.
 */
export async function generateTypes(url: string): Promise<string> {
  return await format(HEADER + await generate(url, ROOT, ["public"]));
}

async function format(source: string): Promise<string> {
  const config = new URL("../deno.json", import.meta.url);
  const formatter = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--config", decodeURIComponent(config.pathname), "--ext=ts", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  // Asked for before the input is written: neither pipe holds as much as there is.
  const output = formatter.output();
  const input = formatter.stdin.getWriter();
  await input.write(new TextEncoder().encode(source));
  await input.close();
  const { success, stdout } = await output;
  if (!success) throw new Error("Cannot generate types: deno fmt failed");
  return new TextDecoder().decode(stdout);
}
