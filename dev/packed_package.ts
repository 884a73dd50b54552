/**
 * Files of npm packages whose dependencies nobody needs. `@clerk/ui` brings 370 packages along, React Native among
 * them; its files for browsers need none of these. So only the package itself is fetched, by npm, and checked against
 * the hash below. The import map and the lock file do not know of it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { ROOT } from "../project/root.ts";
import { readTar } from "./tar.ts";

/** A package of one version. */
export interface PackedPackage {
  name: string;
  version: string;
  /** As lock files have it: `sha512-` and the hash in base64. */
  integrity: string;
}

/** The prebuilt components of clerk-js. */
export const CLERK_UI: PackedPackage = {
  name: "@clerk/ui",
  version: "1.34.0",
  integrity: "sha512-EP6Wcf+iqV5hJRMjfmVSOb7wWEgt2DuUOnR3Yv/ULPdmGgGWa64oc4tB4VfD66z8nXgtXqHEXNNnGURAOfQ7vQ==",
};

/** Contents by path, such as `dist/ui.browser.js`. */
export type PackedFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

const opened = new Map<string, Promise<PackedFiles>>();

/**
 * Reads a package's files. The first call of all fetches the package and keeps it in `.cache/`.
 *
 * @param wanted The package.
 * @returns Its files.
 * @throws {Error} If npm cannot fetch it, or if its hash is another one.
 */
export function readPackedFiles(wanted: PackedPackage): Promise<PackedFiles> {
  const key = `${wanted.name}@${wanted.version}`;
  const known = opened.get(key);
  if (known) return known;
  const files = openPackage(wanted);
  opened.set(key, files);
  // A failure is not for good: the network may come back.
  files.catch(() => opened.delete(key));
  return files;
}

/**
 * Unpacks a package.
 *
 * @param archive What npm packed.
 * @param wanted The package that it must be.
 * @returns Its files.
 * @throws {Error} If its hash is another one.
 */
export async function unpackPackage(archive: Uint8Array<ArrayBuffer>, wanted: PackedPackage): Promise<PackedFiles> {
  const hash = Buffer.from(await crypto.subtle.digest("SHA-512", archive)).toString("base64");
  if (`sha512-${hash}` !== wanted.integrity) {
    throw new Error(`Cannot use ${wanted.name}@${wanted.version}: its hash is sha512-${hash}, not ${wanted.integrity}`);
  }
  const unzipped = new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"));
  const files = readTar(new Uint8Array(await new Response(unzipped).arrayBuffer()));
  return new Map(Array.from(files, ([path, content]) => [path.replace(/^package\//, ""), content]));
}

async function openPackage(wanted: PackedPackage): Promise<PackedFiles> {
  const folder = new URL(".cache/npm/", ROOT);
  const file = new URL(`${wanted.name.replace(/^@/, "").replace("/", "-")}-${wanted.version}.tgz`, folder);
  try {
    return await unpackPackage(await Deno.readFile(file), wanted);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await Deno.mkdir(folder, { recursive: true });
  // Into a folder of its own, since another process may be fetching it, too.
  const draft = await Deno.makeTempDir({ dir: folder.pathname });
  try {
    await pack(wanted, draft);
    await Deno.rename(`${draft}/${file.pathname.split("/").pop()}`, file);
  } finally {
    await Deno.remove(draft, { recursive: true });
  }
  return await unpackPackage(await Deno.readFile(file), wanted);
}

async function pack({ name, version }: PackedPackage, folder: string): Promise<void> {
  const npm = Deno.build.os === "windows" ? "npm.cmd" : "npm";
  const command = new Deno.Command(npm, {
    args: ["pack", `${name}@${version}`, "--silent", "--ignore-scripts", "--pack-destination", folder],
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(`npm cannot fetch ${name}@${version}: ${new TextDecoder().decode(stderr).trim()}`);
}
