/**
 * Watches a project's files for edits.
 *
 * @module
 */

/** Milliseconds without a change before a burst counts as finished, because editors write a file in several steps. */
const QUIET_MS = 150;

/** Files that running functions depend on: sources, `.env` files, the import map. */
export const FUNCTION_FILES = ["supabase/functions", "import_map.json", "deno.json"];
/** Files that are read only when the stack starts. */
export const PROJECT_FILES = ["supabase/config.toml", "supabase/migrations"];

/**
 * Watches files and folders of a project. A file that does not exist yet is not watched.
 *
 * @param root The project's folder.
 * @param files Paths relative to the root.
 * @param changed Called once for a burst of changes.
 * @returns A function that stops watching.
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
