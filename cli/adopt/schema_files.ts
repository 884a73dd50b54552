/**
 * Declarative schemas: SQL files that describe the database, from which `supabase db diff` writes migrations.
 *
 * @module
 */
import { posix } from "node:path";
import { parse } from "smol-toml";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { CommandError } from "../../project/errors.ts";

const CONFIG = "supabase/config.toml";

/** The files that the Supabase CLI reads unless `schema_paths` names others. */
const DEFAULT_PATTERNS = ["./schemas/**/*.sql"];

/** A schema file. */
export interface SchemaFile {
  /** Relative to the project's folder. */
  path: string;
  sql: string;
}

/**
 * Reads the files of a project's declarative schema.
 *
 * @param root The project's folder.
 * @returns The files, in the order in which the Supabase CLI applies them; none for a project without such a schema.
 */
export async function readSchemaFiles(root: URL): Promise<SchemaFile[]> {
  const config = await Deno.readTextFile(new URL(CONFIG, root));
  const paths = await findSchemaFiles(config, (folder) => sqlFilesBelow(root, folder));
  return await Promise.all(paths.map(async (path) => ({ path, sql: await Deno.readTextFile(fileAt(root, path)) })));
}

/**
 * Finds the files of a declarative schema. Migrations that `schema_paths` names too are left out.
 *
 * @param config The text of `supabase/config.toml`.
 * @param list Lists the SQL files below a folder, such as `supabase/schemas/`, by their paths from the project's
 *   folder.
 * @returns Paths, in the order in which the Supabase CLI applies the files.
 */
export async function findSchemaFiles(config: string, list: (folder: string) => Promise<string[]>): Promise<string[]> {
  const paths = new Set<string>();
  for (const pattern of patternsIn(config)) {
    const glob = posix.join("supabase", pattern);
    const folder = glob.split("/").slice(0, -1).join("/").replace(/\/?[^/]*[*?[{].*$/, "");
    const isGlob = toRegExp(glob);
    const found = (await list(`${folder}/`)).filter((path) => path === glob || isGlob.test(path));
    for (const path of found.sort()) paths.add(path);
  }
  return [...paths].filter((path) => !path.startsWith("supabase/migrations/"));
}

/** Converts a shell pattern: `*` and `?` stay within a folder, `**` does not. */
function toRegExp(glob: string): RegExp {
  const source = glob.replaceAll(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|\[[^\]]+\]|[\^$+.()|{}[\]\\]/g, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (part.startsWith("[") && part.length > 2) return part.replace(/^\[!/, "[^");
    if (part.startsWith("{") && part.length > 1) {
      return `(?:${part.slice(1, -1).replaceAll(",", "|").replaceAll(".", "\\.")})`;
    }
    return `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}

function patternsIn(text: string): string[] {
  const config = parseConfig(text);
  const db = isObject(config) && isObject(config.db) ? config.db : {};
  const paths = isObject(db.migrations) ? db.migrations.schema_paths : undefined;
  const patterns = Array.isArray(paths) ? paths.filter((path) => typeof path === "string") : [];
  return patterns.length > 0 ? patterns : DEFAULT_PATTERNS;
}

/** The parser's message may quote the file. */
function parseConfig(text: string): unknown {
  try {
    return parse(text);
  } catch {
    throw new CommandError(`Cannot read ${CONFIG}: it is not valid TOML`);
  }
}

async function sqlFilesBelow(root: URL, folder: string): Promise<string[]> {
  const paths: string[] = [];
  try {
    for await (const { name, isDirectory, isFile } of Deno.readDir(fileAt(root, folder))) {
      if (isDirectory) paths.push(...await sqlFilesBelow(root, `${folder}${name}/`));
      else if (isFile && name.endsWith(".sql")) paths.push(folder + name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
  }
  return paths;
}

/** Encodes the path, because a file's name may contain any character. */
function fileAt(root: URL, path: string): URL {
  return new URL(path.split("/").map(encodeURIComponent).join("/"), root);
}
