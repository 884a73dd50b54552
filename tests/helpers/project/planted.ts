/**
 * Writes small temporary projects for tests to deploy.
 *
 * @module
 */

/** A function: its `index.ts`, and its differences from a valid function. */
export interface PlantedFunction {
  index: string;
  /** Its `deno.json`. */
  config?: unknown;
  /** Its section of `config.toml`; empty for none. */
  settings?: string;
  /** More files, by their path in the function's folder. */
  files?: Record<string, string>;
}

/** The source of a valid function, which imports modules that every planted project has in `_shared`. */
export const GOOD = 'import { GREETING } from "../_shared/greeting.ts";\n' +
  "export default { fetch: () => new Response(GREETING) };\n";

/**
 * Writes a project into a temporary folder.
 *
 * @param functions The functions, by name. One without an `index` has a folder and settings, but no entry point.
 * @returns The folder, ending with a slash.
 */
export async function plant(functions: Record<string, PlantedFunction>): Promise<URL> {
  const root = new URL(`file://${await Deno.realPath(await Deno.makeTempDir({ prefix: "planted-" }))}/`);
  const write = async (path: string, text: string) => {
    const file = new URL(path, root);
    await Deno.mkdir(new URL(".", file), { recursive: true });
    await Deno.writeTextFile(file, text);
  };
  let settings = "";
  for (const [name, planted] of Object.entries(functions)) {
    const folder = `supabase/functions/${name}`;
    if (planted.index !== "") await write(`${folder}/index.ts`, planted.index);
    await write(`${folder}/deno.json`, JSON.stringify(planted.config ?? { importMap: "../../../import_map.json" }));
    for (const [path, text] of Object.entries(planted.files ?? {})) await write(`${folder}/${path}`, text);
    const said = planted.settings ?? "verify_jwt = false";
    if (said !== "") settings += `[functions.${name}]\n${said}\n`;
  }
  await write("supabase/config.toml", settings);
  await write("supabase/functions/_shared/greeting.ts", 'export const GREETING = "hello";\n');
  await write("import_map.json", JSON.stringify({ imports: { "@std/http/status": "jsr:@std/http@1.0.20/status" } }));
  await write(".env", "CLERK_SECRET_KEY=not-for-others\n");
  return root;
}
