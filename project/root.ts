/**
 * Finds the bundle's folder: this repository, or the installed npm package.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The root of the repository or the package. */
export const ROOT = new URL("../", import.meta.url);

/** Whether a package manager installed the bundle. If so, nothing may be written below ROOT. */
export const IS_INSTALLED = ROOT.pathname.includes("/node_modules/");

/**
 * Returns the folder for files that belong to the bundle instead of a project, and that can be generated again.
 *
 * @returns `.cache/` of the repository; for an installed package, a folder in the user's cache.
 */
export function cacheFolder(): URL {
  if (!IS_INSTALLED) return new URL(".cache/", ROOT);
  return pathToFileURL(`${join(userCache(), "clerk-supabase")}/`);
}

function userCache(): string {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".";
  if (Deno.build.os === "windows") return Deno.env.get("LOCALAPPDATA") ?? join(home, "AppData", "Local");
  if (Deno.build.os === "darwin") return join(home, "Library", "Caches");
  return Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache");
}
