/**
 * Installs the older Deno version that the Edge Runtime embeds.
 *
 * @module
 */
import { cacheFolder } from "./root.ts";

/** The version in the Edge Runtime 1.74 (its `.env`, `DENO_VERSION`). */
export const RUNTIME_DENO_VERSION = "2.1.4";

const FOLDER = new URL(`deno-${RUNTIME_DENO_VERSION}/`, cacheFolder());

/**
 * Finds the runtime's Deno; the first call installs it from npm.
 *
 * @returns The path of the executable itself, because npm's wrapper in `.bin` does not forward signals.
 * @throws {Error} If npm cannot install it.
 */
export async function runtimeDeno(): Promise<string> {
  const installed = await findExecutable();
  if (installed) return installed;
  await install();
  const executable = await findExecutable();
  if (!executable) throw new Error(`Cannot find Deno ${RUNTIME_DENO_VERSION}: npm has no package for this platform`);
  return executable;
}

/** Finds the executable in the package that npm chose for this platform. */
async function findExecutable(): Promise<string | undefined> {
  const packages = new URL("node_modules/@deno/", FOLDER);
  try {
    for await (const { name } of Deno.readDir(packages)) {
      const file = new URL(`${name}/${Deno.build.os === "windows" ? "deno.exe" : "deno"}`, packages);
      return await Deno.realPath(file);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return undefined;
}

/** Installs into a new folder, and renames it when it is complete, because two processes may do this at once. */
async function install(): Promise<void> {
  await Deno.mkdir(new URL("../", FOLDER), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: new URL("../", FOLDER).pathname, prefix: "deno-" });
  const { success, stderr } = await new Deno.Command(Deno.build.os === "windows" ? "npm.cmd" : "npm", {
    args: [
      ...["install", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error"],
      `deno@${RUNTIME_DENO_VERSION}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot install Deno ${RUNTIME_DENO_VERSION}: ${new TextDecoder().decode(stderr)}`);
  try {
    await Deno.rename(folder, FOLDER);
  } catch {
    // Another process has installed it first.
    await Deno.remove(folder, { recursive: true });
  }
}
