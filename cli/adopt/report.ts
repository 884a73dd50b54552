/**
 * What `add` and `remove` say of files.
 *
 * @module
 */
import { OWN_COLUMNS } from "../../project/adopted/contents.ts";
import type { Kept } from "./plan.ts";

/** More than this of a folder are counted. */
const MAX_LISTED_FILES = 3;

/**
 * Lists files: a line for each, or for a folder of many.
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
 * Says which files stay as the adopter has them.
 *
 * @param kept The files.
 * @param canRestore Whether `add --restore` would write a file again.
 * @returns Lines; none where there is none.
 */
export function describeKept(kept: readonly Kept[], canRestore: (path: string) => boolean = () => false): string[] {
  if (kept.length === 0) return [];
  return [
    "Left as they are, because they are not as they were written here:",
    ...kept.map((one) => `  ${describePath(one.path)}${canRestore(one.path) ? RESTORABLE : remark(one)}`),
  ];
}

/**
 * Says which of the adopter's files import what an update has deleted.
 *
 * @param paths The files.
 * @returns Lines; none if there are no such files.
 */
export function describeImporters(paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  return ["These files of yours import files that the bundle has moved or deleted. Change their imports:"]
    .concat(paths.map((path) => `  ${path}`));
}

const RESTORABLE = " (add --restore writes it again)";

function remark({ path, outdated }: Kept): string {
  if (path.startsWith("supabase/migrations/")) return " (applied migrations are never changed)";
  if (path === OWN_COLUMNS) return " (it is yours: keep it for the next time, or delete it)";
  return outdated ? " (the bundle's own has changed: compare them)" : "";
}

/**
 * Names a file, or the bundle's block in it.
 *
 * @param path The path of the file or block.
 * @returns Its name for people.
 */
export function describePath(path: string): string {
  return path.replace(/#clerk-supabase$/, " (the bundle's lines in it)");
}
