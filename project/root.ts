/**
 * Where the bundle is: this repository, or the npm package made from it.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The root of the repository or the package. */
export const ROOT = new URL("../", import.meta.url);

/** Whether a package manager installed the bundle. Nothing may be written below ROOT then. */
export const IS_INSTALLED = ROOT.pathname.includes("/node_modules/");

/**
 * Returns the folder of what can be made again at any time and belongs to the bundle, not to one project.
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
