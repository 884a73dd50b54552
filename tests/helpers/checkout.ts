/**
 * A copy of the project, to be edited and thrown away.
 *
 * @module
 */
import { ROOT, trackedFiles } from "./project_files.ts";

/** Copies what git tracks or would track into a temporary folder; returns its path. */
export async function checkOut(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "checkout-" });
  for (const file of await trackedFiles()) {
    await Deno.mkdir(`${folder}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.copyFile(new URL(file, ROOT), `${folder}/${file}`);
  }
  return folder;
}
