/**
 * Generates the content of `supabase/functions/_clerk-supabase/database/types.ts` and its copies with the Supabase CLI.
 *
 * @module
 */
import { ROOT } from "../project/root.ts";
import { formatTypes, generateTypes as generate } from "../project/database/generated_types.ts";

/** The file of the types. */
export const TYPES = new URL("../supabase/functions/_clerk-supabase/database/types.ts", import.meta.url);

/** Copies for the apps in `examples/`, which adopters copy without the functions. */
const COPIES = ["react/src", "nextjs/lib", "hono/src"].map((folder) =>
  new URL(`../examples/${folder}/database.types.ts`, import.meta.url)
);

/** Every file of the types. */
export const TYPE_FILES = [TYPES, ...COPIES];

const HEADER = `/**
 * The database as supabase-js sees it, as \`supabase gen types\` says. Made from the migrations by \`deno task types\`, and
 * not to be edited.
 *
 * @module
 */
`;

/**
 * Generates the content of the file.
 *
 * @param url A database with the migrations, `postgresql://…`.
 * @returns The text, formatted in the project's style.
 */
export async function generateTypes(url: string): Promise<string> {
  return await formatTypes(HEADER + await generate(url, ROOT, ["public"]), new URL("deno.json", ROOT));
}
