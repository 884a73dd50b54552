/**
 * Keeps the simulator's keys between starts, so that an app's `.env.local` stays valid.
 *
 * @module
 */
import { createInstance, type Instance } from "./keys.ts";
import { ProjectError } from "../../project/errors.ts";
import { readIfThere } from "../../project/read_if_there.ts";

/**
 * Reads the saved instance, or creates one and saves it readable by this user only.
 *
 * @param file The file with the instance.
 * @param renew Whether to replace a saved instance.
 * @returns A development instance.
 */
export async function readInstance(file: URL, renew: boolean): Promise<Instance> {
  const kept = renew ? undefined : await readIfThere(file);
  if (kept !== undefined) return parse(kept, file);
  const instance = await createInstance("test");
  await Deno.mkdir(new URL(".", file), { recursive: true });
  const draft = await Deno.makeTempFile({ dir: new URL(".", file).pathname });
  await Deno.writeTextFile(draft, JSON.stringify(instance));
  // Temporary files are private by default; this does not rely on it.
  await Deno.chmod(draft, 0o600);
  await Deno.rename(draft, file);
  return instance;
}

function parse(text: string, { pathname }: URL): Instance {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProjectError(
      `Cannot read the keys in ${decodeURIComponent(pathname)}: not JSON. --renew-keys makes new ones`,
    );
  }
}
