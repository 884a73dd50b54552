/**
 * Names a page of the documentation by its path on this machine, because a project has no `docs/` of the bundle.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./root.ts";

/**
 * Returns the path of a page in this repository or in the installed package.
 *
 * @param page The page, such as `docs/cli.md`.
 * @param from The current folder.
 * @param root The repository or the package.
 * @returns The path from the current folder if the page is below it, otherwise the absolute path.
 */
export function docsPage(page: string, from: string = Deno.cwd(), root: URL = ROOT): string {
  const path = fileURLToPath(new URL(page, root));
  const near = relative(from, path);
  return near.startsWith("..") ? path : near;
}
