/**
 * The files that the bundle adds to a project: its functions except the examples, their shared code, and its
 * migrations.
 *
 * @module
 */

/** Texts by path. */
export type Files = ReadonlyMap<string, string>;

const FUNCTIONS = "supabase/functions/";
const MIGRATIONS = "supabase/migrations/";
/** The shared code. The name is unlikely in other projects, so it does not conflict with their files. */
const SHARED_CODE = `${FUNCTIONS}_clerk-supabase/`;
const IMPORT_MAP = `${SHARED_CODE}import_map.json`;

/** The file for the adopter's own columns. It is written once, and belongs to the adopter from then on. */
export const OWN_COLUMNS = "supabase/functions/clerk_columns.ts";

/** The functions of the bundle; any other belongs to the adopter. */
export const BUNDLE = [
  ...["clerk-webhook", "clerk-reconcile", "health", "openapi", "profile", "organization"],
  ...["hello", "resumes", "projects"],
];

/** The examples, which are for reading only. */
const EXAMPLES = ["hello", "resumes", "projects"];
const EXAMPLE_MIGRATION = /_create_(resumes|projects)\.sql$/;

/** The functions that a project gets. */
export const ADDED = BUNDLE.filter((name) => !EXAMPLES.includes(name));

/** The functions that a project may leave out. */
export const OPTIONAL = ADDED.filter((name) => name !== "clerk-webhook");

/**
 * Reads the files to add to a project.
 *
 * @param root The bundle's repository.
 * @param without Functions to leave out.
 * @returns The contents by path in the project.
 */
export async function readContents(root: URL, without: readonly string[]): Promise<Files> {
  const names = ADDED.filter((name) => !without.includes(name));
  const files = new Map<string, string>();
  for (const folder of [SHARED_CODE, ...names.map((name) => `${FUNCTIONS}${name}/`)]) {
    await readBelow(root, folder, files);
  }
  await readBelow(root, MIGRATIONS, files, (name) => !EXAMPLE_MIGRATION.test(name));
  files.set(OWN_COLUMNS, await Deno.readTextFile(new URL(OWN_COLUMNS, root)));
  for (const name of names) files.set(`${FUNCTIONS}${name}/deno.json`, OWN_CONFIG);
  const list = `${FUNCTIONS}openapi/functions.ts`;
  if (files.has(list)) files.set(list, withoutFunctions(files.get(list)!, names));
  files.set(IMPORT_MAP, describeImports(await Deno.readTextFile(new URL("import_map.json", root)), files));
  return files;
}

/** The import map is in the folder of the shared code, so that the adopter's own, further up, does not change. */
const OWN_CONFIG = `{ "importMap": "../_clerk-supabase/import_map.json" }\n`;

/** Reads a folder without its hidden files, because `.env` holds variables. */
async function readBelow(
  root: URL,
  folder: string,
  files: Map<string, string>,
  isWanted: (name: string) => boolean = () => true,
): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (name.startsWith(".") || !isWanted(name)) continue;
    if (isDirectory) await readBelow(root, `${folder}${name}/`, files);
    else files.set(folder + name, await Deno.readTextFile(new URL(folder + name, root)));
  }
}

/** Removes the lines of left-out functions from the list of the OpenAPI document. */
function withoutFunctions(list: string, names: readonly string[]): string {
  const lines = list.split("\n").filter((line) => {
    const [, name] = / from "\.\.\/([^"/]+)\/openapi\.ts";$/.exec(line) ?? [];
    return name === undefined || names.includes(name);
  });
  return lines.join("\n");
}

/** Returns an import map with only the packages that these files import. */
function describeImports(map: string, files: Files): string {
  const used = new Set<string>();
  for (const text of files.values()) {
    for (const [, specifier] of text.matchAll(/^(?:import|export|\}).* from "([^".][^"]*)";$/gm)) used.add(specifier!);
  }
  const entries = Object.entries(JSON.parse(map).imports).filter(([specifier]) => used.has(specifier));
  return `${JSON.stringify({ imports: Object.fromEntries(entries) }, null, 2)}\n`;
}
