/**
 * Keeps keys between starts, in a file that only this user can read, so that an app's `.env.local` stays valid.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { readIfThere } from "../project/read_if_there.ts";

/**
 * Returns the text of a file, or creates the file.
 *
 * @param file The file. Its folder is created too.
 * @param isRenewed Whether to replace an existing file.
 * @param create Returns the text of a new file.
 * @returns The text.
 */
export async function keepText(
  file: URL,
  isRenewed: boolean,
  create: () => string | Promise<string>,
): Promise<string> {
  const kept = isRenewed ? undefined : await readIfThere(file);
  if (kept !== undefined) return kept;
  const text = await create();
  await Deno.mkdir(new URL(".", file), { recursive: true });
  const draft = await Deno.makeTempFile({ dir: fileURLToPath(new URL(".", file)) });
  await Deno.writeTextFile(draft, text);
  // Temporary files are private by default; this does not rely on it.
  await Deno.chmod(draft, 0o600);
  await Deno.rename(draft, file);
  return text;
}
