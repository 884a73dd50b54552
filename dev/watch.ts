/**
 * Notices edited files.
 *
 * @module
 */
import { ROOT } from "../project/root.ts";

/** Quiet time after the last change before it counts, in milliseconds: editors write a file in several steps. */
const QUIET_MS = 150;

/** What functions are made of: their sources, their `.env` files, the import map. */
export const FUNCTION_FILES = ["supabase/functions", "import_map.json"];
/** What is read when the stack starts, and not again. */
export const PROJECT_FILES = ["supabase/config.toml", "supabase/migrations"];

/**
 * Watches files and folders of the project.
 *
 * @param files Paths from the root.
 * @param changed Called once for a burst of changes.
 * @returns What stops it.
 */
export function watchFiles(files: readonly string[], changed: () => void): { close: () => void } {
  const paths = files.map((path) => decodeURIComponent(new URL(path, ROOT).pathname));
  const watcher = Deno.watchFs(paths);
  let timer: ReturnType<typeof setTimeout> | undefined;
  (async () => {
    for await (const { kind } of watcher) {
      if (kind === "access" || kind === "any" || kind === "other") continue;
      clearTimeout(timer);
      timer = setTimeout(changed, QUIET_MS);
    }
  })();
  return {
    close: () => {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
