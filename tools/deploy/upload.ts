/**
 * Uploads written into folders of their own, as nothing else of the project is there for a function that is deployed.
 *
 * @module
 */
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import type { DeployedFunction } from "./function_routes.ts";

/** Settings on top of an uploaded `deno.json`, such as links to stand-ins; empty where there are none. */
export type ExtraConfig = Record<string, unknown>;

/**
 * Writes uploads into one temporary folder, and removes it afterwards.
 *
 * @param uploads What to write.
 * @param use What to do in the folder.
 * @returns What that returned.
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
 * Makes the arguments by which Deno reads an upload's own configuration, and no other.
 *
 * @param folder Where the upload was written.
 * @param upload The upload.
 * @param extra Settings on top, for which a copy is written beside the original.
 * @returns Arguments for behind Deno's sub-command.
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
 * Finds the files of an upload that say what bare imports mean.
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
