/**
 * A copy of the project, to be edited and thrown away.
 *
 * @module
 */
import { ROOT, trackedFiles } from "./project_files.ts";

/** Copies what git tracks or would track into a temporary folder, which is a repository too; returns its path. */
export async function checkOut(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "checkout-" });
  for (const file of await trackedFiles()) {
    await Deno.mkdir(`${folder}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.copyFile(new URL(file, ROOT), `${folder}/${file}`);
  }
  const { success } = await new Deno.Command("git", { args: ["init", "--quiet"], cwd: folder }).output();
  if (!success) throw new Error("Cannot copy the project: git init failed");
  return folder;
}
