/**
 * Keeps the simulator's keys between starts, so that an app's `.env.local` stays valid.
 *
 * @module
 */
import { createInstance, type Instance } from "./keys.ts";
import { ProjectError } from "../../project/errors.ts";
import { keepText } from "../kept_file.ts";

/**
 * Reads the saved instance, or creates one and saves it readable by this user only.
 *
 * @param file The file with the instance.
 * @param renew Whether to replace a saved instance.
 * @returns A development instance.
 */
export async function readInstance(file: URL, renew: boolean): Promise<Instance> {
  return parse(await keepText(file, renew, async () => JSON.stringify(await createInstance("test"))), file);
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
