/**
 * Serves files of npm packages to pages on this machine, so that they need no other host. A package is fetched when its
 * first file is requested, so only a page that needs it waits.
 *
 * @module
 */
import { configArguments, THIS_DENO } from "../project/jsr/config.ts";
import { ROOT } from "../project/root.ts";

/** A file of a package's build for browsers. */
export interface NpmFile {
  /** The package's name in `import_map.json` under `dev/`, or in {@linkcode UNLOCKED}. */
  packageName: string;
  /** The file's path relative to the package's main module. */
  path: string;
}

/** The real clerk-js, without its components. It defines `window.Clerk`. */
export const CLERK_JS: NpmFile = { packageName: "@clerk/clerk-js", path: "clerk.browser.js" };

/** supabase-js. It defines `window.supabase`. */
export const SUPABASE_JS: NpmFile = { packageName: "@supabase/supabase-js", path: "umd/supabase.js" };

/** The prebuilt components of clerk-js. */
export const CLERK_UI: NpmFile = { packageName: "@clerk/ui", path: "ui.browser.js" };

/**
 * Packages that are not in `deno.lock`, with their hashes. `@clerk/ui` would add 370 packages to it, such as React
 * Native, although its files for browsers need none of them.
 */
const UNLOCKED: Readonly<Record<string, { specifier: string; integrity: string }>> = {
  "@clerk/ui": {
    specifier: "npm:@clerk/ui@1.34.0",
    integrity: "sha512-EP6Wcf+iqV5hJRMjfmVSOb7wWEgt2DuUOnR3Yv/ULPdmGgGWa64oc4tB4VfD66z8nXgtXqHEXNNnGURAOfQ7vQ==",
  },
};

/** Thrown if a package cannot be fetched; the message says why. */
export class PackageError extends Error {
  override name = "PackageError";
}

/** The main modules of the packages that are already fetched. */
const located = new Map<string, Promise<string>>();

/**
 * Reads a package's file and fetches the package on first use.
 *
 * @param file The file.
 * @returns The file's content.
 * @throws {PackageError} If the package cannot be fetched or does not match the hash in `deno.lock`.
 */
export async function readNpmFile({ packageName, path }: NpmFile): Promise<Uint8Array<ArrayBuffer>> {
  const known = located.get(packageName);
  const main = known ?? locate(packageName);
  if (!known) {
    located.set(packageName, main);
    // Forgets a failure, because the network may be back when the page is opened again.
    main.catch(() => located.delete(packageName));
  }
  return await Deno.readFile(new URL(path, await main));
}

/** Fetches the package in a separate process, whose lock file enforces the hash and adds no other package. */
async function locate(packageName: string): Promise<string> {
  const unlocked = UNLOCKED[packageName];
  const filesOf = unlocked?.specifier ?? await specifierOf(packageName);
  const config = await configArguments(THIS_DENO, { filesOf, integrity: unlocked?.integrity });
  const child = new Deno.Command(THIS_DENO.executable, {
    args: ["run", "--quiet", "-A", ...config, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const [{ success, stdout, stderr }] = await Promise.all([
    child.output(),
    new Blob([locator(filesOf)]).stream().pipeTo(child.stdin),
  ]);
  if (!success) throw new PackageError(`Cannot fetch ${packageName}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}

/** Imports the package as text, so that it is fetched but never run. */
function locator(specifier: string): string {
  const quoted = JSON.stringify(specifier);
  return `import ${quoted} with { type: "text" }; console.log(import.meta.resolve(${quoted}));`;
}

async function specifierOf(packageName: string): Promise<string> {
  const { imports, scopes } = JSON.parse(await Deno.readTextFile(new URL("import_map.json", ROOT)));
  const specifier = scopes["./dev/"][packageName] ?? imports[packageName];
  if (specifier === undefined) throw new PackageError(`Cannot fetch ${packageName}: import_map.json does not list it`);
  return specifier;
}
