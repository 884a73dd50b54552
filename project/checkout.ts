/**
 * A copy of the project that a test may edit, and must remove.
 *
 * @module
 */
import { ROOT } from "./root.ts";
import { trackedFiles } from "./repository_files.ts";

/**
 * Copies the files that git tracks or would track into a temporary folder, and makes it a repository.
 *
 * @param only The files and folders to copy, such as `supabase`; all unless given.
 * @returns The path of the copy.
 */
export async function checkOut(only?: readonly string[]): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "checkout-" });
  const wanted = (file: string) => only?.some((path) => file === path || file.startsWith(`${path}/`)) ?? true;
  const files = (await (listed ??= trackedFiles())).filter(wanted);
  const folders = new Set(files.map((file) => `${folder}/${file}`.replace(/\/[^/]*$/, "")));
  for (const path of folders) await Deno.mkdir(path, { recursive: true });
  for (const file of files) await Deno.copyFile(new URL(file, ROOT), `${folder}/${file}`);
  const { success } = await new Deno.Command("git", { args: ["init", "--quiet"], cwd: folder }).output();
  if (!success) throw new Error("Cannot copy the project: git init failed");
  return folder;
}

/** The files, listed once per process, because tests do not change the project. */
let listed: Promise<string[]> | undefined;
