/**
 * Files of npm packages that pages of this machine load, so that no page needs another host. A package is fetched when
 * its first file is asked for: those who open no page do not wait for it.
 *
 * @module
 */
import { configArguments, THIS_DENO } from "../project/jsr/config.ts";
import { ROOT } from "../project/root.ts";

/** A package's file for browsers. */
export interface NpmFile {
  /** As `import_map.json` has it for `dev/`, or {@linkcode UNLOCKED}. */
  packageName: string;
  /** Beside the module that the package's name stands for. */
  path: string;
}

/** The real clerk-js, without its components. It makes `window.Clerk`. */
export const CLERK_JS: NpmFile = { packageName: "@clerk/clerk-js", path: "clerk.browser.js" };

/** supabase-js. It makes `window.supabase`. */
export const SUPABASE_JS: NpmFile = { packageName: "@supabase/supabase-js", path: "umd/supabase.js" };

/** The prebuilt components of clerk-js. */
export const CLERK_UI: NpmFile = { packageName: "@clerk/ui", path: "ui.browser.js" };

/**
 * Packages that are not in `deno.lock`, with their hashes. `@clerk/ui` would bring 370 packages into it, React Native
 * among them, none of which its files for browsers need.
 */
const UNLOCKED: Readonly<Record<string, { specifier: string; integrity: string }>> = {
  "@clerk/ui": {
    specifier: "npm:@clerk/ui@1.34.0",
    integrity: "sha512-EP6Wcf+iqV5hJRMjfmVSOb7wWEgt2DuUOnR3Yv/ULPdmGgGWa64oc4tB4VfD66z8nXgtXqHEXNNnGURAOfQ7vQ==",
  },
};

/** A package cannot be fetched; the message says why. */
export class PackageError extends Error {
  override name = "PackageError";
}

/** The main modules of the packages that are here. */
const located = new Map<string, Promise<string>>();

/**
 * Reads a file.
 *
 * @param file Which one.
 * @returns What is in it.
 * @throws {PackageError} If the package cannot be fetched, or is not the one of `deno.lock`.
 */
export async function readNpmFile({ packageName, path }: NpmFile): Promise<Uint8Array<ArrayBuffer>> {
  const known = located.get(packageName);
  const main = known ?? locate(packageName);
  if (!known) {
    located.set(packageName, main);
    // Without a network now, there may be one when the page is opened again.
    main.catch(() => located.delete(packageName));
  }
  return await Deno.readFile(new URL(path, await main));
}

/** In a process of its own, whose lock file holds the package to its hash and brings no other package along. */
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

/** Imports as text, since the package has to be here, and nothing of it has to run. */
function locator(specifier: string): string {
  const quoted = JSON.stringify(specifier);
  return `import ${quoted} with { type: "text" }; console.log(import.meta.resolve(${quoted}));`;
}

async function specifierOf(packageName: string): Promise<string> {
  const { imports, scopes } = JSON.parse(await Deno.readTextFile(new URL("import_map.json", ROOT)));
  const specifier = scopes["./dev/"][packageName] ?? imports[packageName];
  if (specifier === undefined) throw new PackageError(`Cannot fetch ${packageName}: import_map.json does not have it`);
  return specifier;
}
