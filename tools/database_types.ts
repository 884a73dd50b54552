/**
 * The database's types as the Supabase CLI generates them: what `supabase/functions/_clerk-supabase/database/types.ts` and
 * its copies hold.
 *
 * @module
 */
import { ROOT } from "../project/root.ts";
import { formatTypes, generateTypes as generate } from "../project/database/generated_types.ts";

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
  return await formatTypes(HEADER + await generate(url, ROOT, ["public"]), new URL("deno.json", ROOT));
}
