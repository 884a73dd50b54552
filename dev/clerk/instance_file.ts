/**
 * The instance of the stack that was started before: an app's `.env.local` stays right from one start to the next.
 *
 * @module
 */
import { createInstance, type Instance } from "./keys.ts";
import { ProjectError } from "../../project/errors.ts";
import { readIfThere } from "../../project/read_if_there.ts";

/**
 * Reads the instance, or makes one and keeps it, for this user alone.
 *
 * @param file Where it is kept.
 * @param renew Whether a new one takes the place of the one that is kept.
 * @returns A development instance.
 */
export async function readInstance(file: URL, renew: boolean): Promise<Instance> {
  const kept = renew ? undefined : await readIfThere(file);
  if (kept !== undefined) return parse(kept, file);
  const instance = await createInstance("test");
  await Deno.mkdir(new URL(".", file), { recursive: true });
  const draft = await Deno.makeTempFile({ dir: new URL(".", file).pathname });
  await Deno.writeTextFile(draft, JSON.stringify(instance));
  // A temporary file is this user's alone already; so that it does not depend on that:
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
