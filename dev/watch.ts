/**
 * Notices edited functions.
 *
 * @module
 */
import { ROOT } from "./project.ts";

/** Quiet time after the last change before it counts, in milliseconds: editors write a file in several steps. */
const QUIET = 150;

/**
 * Watches the functions' sources, their `.env` files and the import map.
 *
 * @param changed Called once for a burst of changes.
 * @returns What stops it.
 */
export function watchFunctions(changed: () => void): { close: () => void } {
  const paths = ["supabase/functions", "import_map.json"].map((path) =>
    decodeURIComponent(new URL(path, ROOT).pathname)
  );
  const watcher = Deno.watchFs(paths);
  let timer: ReturnType<typeof setTimeout> | undefined;
  (async () => {
    for await (const { kind } of watcher) {
      if (kind === "access" || kind === "any" || kind === "other") continue;
      clearTimeout(timer);
      timer = setTimeout(changed, QUIET);
    }
  })();
  return {
    close: () => {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
