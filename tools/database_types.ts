/**
 * The database's types as the Supabase CLI generates them: what `supabase/functions/_clerk-supabase/database/types.ts` and
 * its copies hold.
 *
 * @module
 */
import { ROOT } from "../project/root.ts";
import { runSupabase } from "../project/supabase_cli.ts";

/** Where the functions read them. */
export const TYPES = new URL("../supabase/functions/_clerk-supabase/database/types.ts", import.meta.url);

/** Copies for the apps in `examples/`, which an adopter takes away without the functions. */
const COPIES = ["react/src", "nextjs/lib", "hono/src"].map((folder) =>
  new URL(`../examples/${folder}/database.types.ts`, import.meta.url)
);

/** Every file that has the types. */
export const TYPE_FILES = [TYPES, ...COPIES];

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
  const { code, stdout, stderr } = await runSupabase(
    { folder: ROOT },
    ["gen", "types", `--remote=${url}?sslmode=disable`, "--schema=public"],
  );
  if (code !== 0) throw new Error(`Cannot generate types: supabase gen types failed: ${stderr.trim()}`);
  return await format(HEADER + stdout);
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
