/**
 * Writes uploads into separate folders, because a deployed function has no other files of its project.
 *
 * @module
 */
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import type { DeployedFunction } from "./function_routes.ts";

/** Additional settings for an uploaded `deno.json`, such as links to stand-ins; empty if there are none. */
export type ExtraConfig = Record<string, unknown>;

/**
 * Writes uploads into one temporary folder, and removes it afterwards.
 *
 * @param uploads The uploads.
 * @param use A function that gets the folder.
 * @returns The result of `use`.
 */
export async function withUploads<T>(
  uploads: readonly DeployedFunction[],
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "upload-" }));
  try {
    for (const { files } of uploads) {
      for (const [path, content] of files) {
        const file = `${folder}/${path}`;
        await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
        await Deno.writeFile(file, content);
      }
    }
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Returns the arguments that make Deno read only the upload's own configuration.
 *
 * @param folder The folder of the upload.
 * @param upload The upload.
 * @param extra Additional settings, which are written to a copy of the configuration.
 * @returns Arguments to put after Deno's sub-command.
 */
export async function configOf(folder: string, upload: DeployedFunction, extra: ExtraConfig): Promise<string[]> {
  const path = upload.metadata.import_map_path ?? "";
  const wanted = Object.keys(extra).length > 0;
  if (path === "" && !wanted) return ["--no-lock", "--no-config"];
  const own = path === "" ? {} : parseJson(new TextDecoder().decode(upload.files.get(path)));
  if (!wanted || !isObject(own)) return ["--no-lock", "--config", `${folder}/${path}`];
  const copy = `${folder}/${path.slice(0, path.lastIndexOf("/") + 1)}deno.${crypto.randomUUID()}.json`;
  await Deno.writeTextFile(copy, JSON.stringify({ ...own, ...extra }));
  return ["--no-lock", "--config", copy];
}

/**
 * Finds the files of an upload that resolve bare imports.
 *
 * @param upload The upload.
 * @returns The `deno.json` or import map, and the import map that it names.
 */
export function mapsOf({ metadata, files }: DeployedFunction): string[] {
  const path = metadata.import_map_path ?? "";
  if (path === "") return [];
  const config = parseJson(new TextDecoder().decode(files.get(path)));
  if (!isObject(config) || typeof config.importMap !== "string" || config.imports !== undefined) return [path];
  const named = new URL(config.importMap, `file:///${path}`).pathname.slice(1);
  return [path, decodeURIComponent(named)];
}
