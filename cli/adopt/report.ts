/**
 * The lines that `add` and `remove` print about files.
 *
 * @module
 */
import { OWN_COLUMNS } from "../../project/adopted/contents.ts";
import type { Kept } from "./plan.ts";

/** A folder with more files than this is listed as one line. */
const MAX_LISTED_FILES = 3;

/**
 * Lists files: a line for each, or one line for a folder with many files.
 *
 * @param paths The files.
 * @returns Lines.
 */
export function listFiles(paths: readonly string[]): string[] {
  const folders = Map.groupBy(paths, (path) => /^(?:supabase\/(?:functions\/[^/]+|migrations)\/)?/.exec(path)![0]);
  return [...folders].sort(([a], [b]) => a < b ? -1 : 1).flatMap(([folder, files]) =>
    folder !== "" && files.length > MAX_LISTED_FILES
      ? [`  ${folder} (${files.length} files)`]
      : files.map((path) => `  ${describePath(path)}`)
  );
}

/**
 * Lists the files that are kept because the adopter edited or deleted them.
 *
 * @param kept The files.
 * @param canRestore Returns whether `add --restore` would write a file again.
 * @returns Lines; none if there are no such files.
 */
export function describeKept(kept: readonly Kept[], canRestore: (path: string) => boolean = () => false): string[] {
  if (kept.length === 0) return [];
  return [
    "Kept, because they were edited or deleted since they were written:",
    ...kept.map((one) => `  ${describePath(one.path)}${canRestore(one.path) ? RESTORABLE : remark(one)}`),
  ];
}

/**
 * Lists the adopter's files that import files which an update has deleted.
 *
 * @param paths The files.
 * @returns Lines; none if there are no such files.
 */
export function describeImporters(paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  return ["These files of yours import files that the update moved or deleted. Change their imports:"]
    .concat(paths.map((path) => `  ${path}`));
}

const RESTORABLE = " (add --restore restores it)";

function remark({ path, outdated }: Kept): string {
  if (path.startsWith("supabase/migrations/")) return " (applied migrations are never changed)";
  if (path === OWN_COLUMNS) return " (it is yours: keep it for a later add, or delete it)";
  return outdated ? " (the bundle's version has changed: compare them)" : "";
}

/**
 * Returns the name of a file, or of the bundle's block in it.
 *
 * @param path The path of the file or block.
 * @returns The name to print.
 */
export function describePath(path: string): string {
  return path.replace(/#clerk-supabase$/, " (the bundle's lines in it)");
}
