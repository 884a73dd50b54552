/**
 * Writes the configurations of the npm package's commands.
 *
 * @module
 */
import { type ImportMap, type RoomPackages, ROOMS, withoutPath } from "../../project/jsr/room_lock.ts";

/** A set of packages for commands. `bin/commands.json` assigns a set to each command. */
export interface PackageSet extends RoomPackages {
  /** The program that imports them: a folder with a `main.ts`. */
  program: "cli" | "dev";
}

/** The sets by name. Commands fetch only their own packages: `add` needs no database. */
export const PACKAGE_SETS: Readonly<Record<string, PackageSet>> = {
  cli: { program: "cli", folders: ["cli"], without: [] },
  types: {
    program: "cli",
    folders: ["cli", "project"],
    without: ROOMS.dev.without.filter((name) => name !== "commander"),
  },
  dev: { program: "dev", ...ROOMS.dev },
};

/**
 * Returns the configuration for a set of packages. The package's own code imports the stand-ins of JSR's modules, so
 * that no command waits for JSR; deployed functions import them from JSR.
 *
 * @param set The set.
 * @param map The repository's import map.
 * @returns The content of `bin/packed/<name>.json`.
 */
export function configOf({ folders, without }: PackageSet, map: ImportMap): Record<string, unknown> {
  const all = Object.assign({}, map.imports, ...folders.map((folder) => map.scopes[`./${folder}/`] ?? {}));
  const isWanted = (target: string) =>
    target.startsWith("npm:") && !without.some((name) => withoutPath(target).startsWith(`npm:${name}@`));
  const npm = Object.entries<string>(all).filter(([, target]) => isWanted(target));
  return {
    nodeModulesDir: "none",
    imports: { "@std/http/status": "../../project/jsr/http/status.ts", ...Object.fromEntries(npm) },
  };
}
