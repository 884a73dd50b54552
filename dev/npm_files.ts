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
  /** As `import_map.json` has it for `dev/pages/`, or {@linkcode UNLOCKED}. */
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

const LOCATE = new URL("pages/locate.ts", import.meta.url);

/** The main modules of the packages that are here. */
const located = new Map<string, Promise<string>>();

/**
 * Reads a file.
 *
 * @param file Which one.
 * @returns What is in it.
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

async function locate(packageName: string): Promise<string> {
  const unlocked = UNLOCKED[packageName];
  const filesOf = unlocked?.specifier ?? await specifierOf(packageName);
  const config = await configArguments(THIS_DENO, { filesOf, integrity: unlocked?.integrity });
  const { success, stdout, stderr } = await new Deno.Command(THIS_DENO.executable, {
    args: ["run", "--quiet", "-A", ...config, LOCATE.href, unlocked ? filesOf : packageName],
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot fetch ${packageName}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}

async function specifierOf(packageName: string): Promise<string> {
  const { imports, scopes } = JSON.parse(await Deno.readTextFile(new URL("import_map.json", ROOT)));
  const specifier = scopes["./dev/pages/"][packageName] ?? imports[packageName];
  if (specifier === undefined) throw new Error(`Cannot fetch ${packageName}: import_map.json has no such package`);
  return specifier;
}
