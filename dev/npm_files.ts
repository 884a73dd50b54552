/**
 * Files of npm packages that pages of this machine load, so that no page needs another host.
 *
 * @module
 */

/** A package's file for browsers. */
export interface NpmFile {
  /** As `import_map.json` has it. */
  packageName: string;
  /** Beside the module that the package's name stands for. */
  path: string;
}

/** The real clerk-js, without its components. It makes `window.Clerk`. */
export const CLERK_JS: NpmFile = { packageName: "@clerk/clerk-js", path: "clerk.browser.js" };

/** supabase-js. It makes `window.supabase`. */
export const SUPABASE_JS: NpmFile = { packageName: "@supabase/supabase-js", path: "umd/supabase.js" };

/**
 * Reads a file. The package is fetched when its first file is asked for: clerk-js brings 160 MB of packages along,
 * which whoever shows no page shall not wait for.
 *
 * @param file Which one.
 * @returns What is in it.
 */
export async function readNpmFile({ packageName, path }: NpmFile): Promise<Uint8Array<ArrayBuffer>> {
  // As text: the package has to be here, and nothing of it has to run here.
  await import(packageName, { with: { type: "text" } });
  return await Deno.readFile(new URL(path, import.meta.resolve(packageName)));
}
