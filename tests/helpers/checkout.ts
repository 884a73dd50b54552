/**
 * A copy of the project, to be edited and thrown away.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/** Copies what git tracks or would track into a temporary folder; returns its path. */
export async function checkOut(): Promise<string> {
  const { success, stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error("Cannot copy the project: git does not list its files");
  const folder = await Deno.makeTempDir({ prefix: "checkout-" });
  for (const file of new TextDecoder().decode(stdout).split("\0").filter((name) => name !== "")) {
    await Deno.mkdir(`${folder}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.copyFile(new URL(file, ROOT), `${folder}/${file}`).catch((error) => {
      // Deleted and not committed yet.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  return folder;
}
