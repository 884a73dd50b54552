/**
 * Extracts the part of `deno.lock` that one room needs. Deno fetches every package of its lock file, which would
 * include the packages of tests and measurements. The hashes are those of `deno.lock`.
 *
 * @module
 */

/** A package of a lock file. Names in its lists have a version only if the file has several. */
interface LockedPackage {
  integrity?: string;
  dependencies?: readonly string[];
  optionalDependencies?: readonly string[];
  optionalPeers?: readonly string[];
}

/** The relevant fields of a lock file. */
export interface LockFile {
  /** Versions by specifier, such as `6.2.17` for `npm:jose@6.2.17`. */
  specifiers: Record<string, string>;
  npm: Record<string, LockedPackage>;
  workspace?: object;
  [section: string]: unknown;
}

/** The relevant fields of the import map. */
export interface ImportMap {
  imports: Record<string, string>;
  scopes: Record<string, Record<string, string>>;
}

/** A room, and the packages that it leaves out. */
export interface RoomPackages {
  /** The folders of the room's code; each may have a scope in the import map. */
  folders: readonly string[];
  /** Names of packages that are not fetched, with the dependencies that only they need. */
  without: readonly string[];
}

/** Packages of the command line, the type checker and the other databases of `@supabase/lite`; we use none of them. */
const UNUSED = [
  ...["@commander-js/extra-typings", "@hono/node-server", "@sentry/node", "@vercel/detect-agent", "chokidar"],
  ...["commander", "dotenv", "kysely-generic-sqlite", "nodemailer", "typescript"],
];

/** Packages whose files pages load: each is fetched with its own lock file when a page is opened. */
const OF_PAGES = ["@clerk/clerk-js", "swagger-ui-dist"];

/** The rooms with their own lock file. */
export const ROOMS = {
  dev: { folders: ["dev", "project"], without: [...UNUSED, ...OF_PAGES] },
} as const satisfies Record<string, RoomPackages>;

/** The name of a room with its own lock file. */
export type Room = keyof typeof ROOMS;

/**
 * Returns the lock file of a room: the packages that its code can import, and their dependencies.
 *
 * @param lock The whole lock file.
 * @param map The import map.
 * @param room The room's folders, and the packages that it leaves out.
 * @returns The lock file.
 */
export function lockOfRoom(lock: LockFile, map: ImportMap, room: RoomPackages): LockFile {
  const scopes = room.folders.map((folder) => map.scopes[`./${folder}/`] ?? {});
  const targets = [map.imports, ...scopes].flatMap((scope) => Object.values(scope));
  const isWanted = (specifier: string) =>
    specifier in lock.specifiers && !room.without.includes(nameOf(specifier.slice("npm:".length)));
  const specifiers = targets.map(withoutPath).filter(isWanted);
  return {
    ...lock,
    specifiers: { ...jsrOf(lock), ...Object.fromEntries(specifiers.map((key) => [key, lock.specifiers[key]!])) },
    npm: withDependencies(lock.npm, specifiers.map((specifier) => idOf(lock, specifier)), room.without),
  };
}

/**
 * Returns the lock file of a single package whose files are only read, so that its dependencies are not needed.
 *
 * @param lock The whole lock file.
 * @param specifier Such as `npm:@clerk/clerk-js@6.40.0`.
 * @param hash Its hash, if the whole lock file does not contain the package.
 * @returns The lock file.
 */
export function lockOfFiles(lock: LockFile, specifier: string, hash?: string): LockFile {
  // An id has the versions of its peers after its own version.
  const id = hash === undefined ? idOf(lock, specifier).split("_")[0]! : specifier.slice("npm:".length);
  const integrity = hash ?? lock.npm[idOf(lock, specifier)]?.integrity;
  if (integrity === undefined) throw new Error(`Cannot fetch ${specifier}: deno.lock has no hash for it`);
  const version = id.slice(id.lastIndexOf("@") + 1);
  return { ...lock, specifiers: { ...jsrOf(lock), [specifier]: version }, npm: { [id]: { integrity } } };
}

/**
 * Returns the specifier of a package without the path of a module in it.
 *
 * @param target Such as `npm:@clerk/backend@3.25.0/errors`.
 * @returns Such as `npm:@clerk/backend@3.25.0`.
 */
export function withoutPath(target: string): string {
  return /^(?:npm|jsr):@?[^@]+@[^/]+/.exec(target)?.[0] ?? target;
}

/** Keeps all JSR packages, because Deno fetches them module by module. */
function jsrOf({ specifiers }: LockFile): Record<string, string> {
  return Object.fromEntries(Object.entries(specifiers).filter(([specifier]) => specifier.startsWith("jsr:")));
}

function idOf({ specifiers }: LockFile, specifier: string): string {
  return `${specifier.slice("npm:".length, specifier.lastIndexOf("@"))}@${specifiers[specifier]}`;
}

function withDependencies(
  npm: LockFile["npm"],
  ids: readonly string[],
  without: readonly string[],
): LockFile["npm"] {
  const kept = new Map<string, LockedPackage>();
  const isWanted = (dependency: string) => !without.includes(nameOf(dependency));
  const waiting = ids.filter((id) => id in npm);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (kept.has(id)) continue;
    const { dependencies, optionalDependencies, optionalPeers, ...rest } = npm[id]!;
    const lists = Object.entries({ dependencies, optionalDependencies, optionalPeers })
      .flatMap(([name, list]) => list ? [[name, list.filter(isWanted)] as const] : []);
    kept.set(id, { ...rest, ...Object.fromEntries(lists) });
    waiting.push(...lists.flatMap(([, list]) => list.flatMap((dependency) => findIds(npm, dependency))));
  }
  return Object.fromEntries([...kept].sort(([a], [b]) => a < b ? -1 : 1));
}

/** Returns the ids of a dependency; none for an optional one that is not in the lock file. */
function findIds(npm: LockFile["npm"], dependency: string): string[] {
  if (dependency in npm) return [dependency];
  return Object.keys(npm).filter((id) => nameOf(id) === dependency);
}

/** Returns `@scope/name` for `@scope/name@1.0.0_peer@2.0.0`. */
function nameOf(id: string): string {
  const end = id.indexOf("@", 1);
  return end === -1 ? id : id.slice(0, end);
}
