/**
 * Notices edited files.
 *
 * @module
 */

/** Quiet time after the last change before it counts, in milliseconds: editors write a file in several steps. */
const QUIET_MS = 150;

/** What functions are made of: their sources, their `.env` files, the import map. */
export const FUNCTION_FILES = ["supabase/functions", "import_map.json", "deno.json"];
/** What is read when the stack starts, and not again. */
export const PROJECT_FILES = ["supabase/config.toml", "supabase/migrations"];

/**
 * Watches files and folders of a project. Those that are missing when it starts are not watched.
 *
 * @param root The project's folder.
 * @param files Paths from there.
 * @param changed Called once for a burst of changes.
 * @returns What stops it.
 */
export async function watchFiles(
  root: URL,
  files: readonly string[],
  changed: () => void,
): Promise<{ close: () => void }> {
  const paths = files.map((path) => decodeURIComponent(new URL(path, root).pathname));
  const there = await Promise.all(paths.map((path) => Deno.stat(path).then(() => [path], () => [])));
  const watcher = Deno.watchFs(there.flat());
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
