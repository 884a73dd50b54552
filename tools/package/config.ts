/**
 * Writes the configurations of the npm package's commands.
 *
 * @module
 */

/** A set of packages for commands. `bin/commands.json` assigns a set to each command. */
export interface PackageSet {
  /** The program that imports them: a folder with a `main.ts`. */
  program: "cli" | "dev";
  /** The scopes of the import map that it needs. */
  scopes: readonly string[];
}

/** The sets by name. Commands fetch only their own packages: `add` needs no database. */
export const PACKAGE_SETS: Readonly<Record<string, PackageSet>> = {
  cli: { program: "cli", scopes: ["./cli/"] },
  types: { program: "cli", scopes: ["./cli/", "./project/"] },
  dev: { program: "dev", scopes: ["./project/", "./dev/"] },
};

/** The relevant fields of the import map. */
interface ImportMap {
  imports: Record<string, string>;
  scopes: Record<string, Record<string, string>>;
}

/**
 * Returns the configuration for a set of packages. The package's own code imports the stand-ins of JSR's modules, so
 * that no command waits for JSR; deployed functions import them from JSR.
 *
 * @param set The set.
 * @param map The repository's import map.
 * @returns The content of `bin/packed/<name>.json`.
 */
export function configOf({ scopes }: PackageSet, map: ImportMap): Record<string, unknown> {
  const all = Object.assign({}, map.imports, ...scopes.map((scope) => map.scopes[scope]));
  const npm = Object.entries<string>(all).filter(([, target]) => target.startsWith("npm:"));
  return {
    nodeModulesDir: "none",
    imports: { "@std/http/status": "../../project/jsr/http/status.ts", ...Object.fromEntries(npm) },
  };
}
