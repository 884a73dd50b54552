/**
 * The part of `deno.lock` that one room needs. Deno fetches every package of the lock file that it is given, so that
 * the whole one would bring the packages of tests and measurements along. The hashes are those of `deno.lock`.
 *
 * @module
 */

/** A package as a lock file has it. Names in the lists have a version only if the file has several. */
interface LockedPackage {
  integrity?: string;
  dependencies?: readonly string[];
  optionalDependencies?: readonly string[];
  optionalPeers?: readonly string[];
}

/** A lock file, as far as it matters here. */
export interface LockFile {
  /** Such as `npm:jose@6.2.17` to `6.2.17`. */
  specifiers: Record<string, string>;
  npm: Record<string, LockedPackage>;
  workspace?: object;
  [section: string]: unknown;
}

/** The import map, as far as it matters here. */
export interface ImportMap {
  imports: Record<string, string>;
  scopes: Record<string, Record<string, string>>;
}

/** What a room needs of the lock file. */
export interface RoomPackages {
  /** The folders that the room's code is in; each may have a scope in the import map. */
  folders: readonly string[];
  /** Names of packages that are not fetched, and neither is what only they need. */
  without: readonly string[];
}

/** What the command line, the checker of types and the other databases of `@supabase/lite` need; we import none. */
const UNUSED = [
  ...["@commander-js/extra-typings", "@hono/node-server", "@sentry/node", "@vercel/detect-agent", "chokidar"],
  ...["commander", "dotenv", "kysely-generic-sqlite", "nodemailer", "typescript"],
];

/** Of these, pages load files: each is fetched by a lock file of its own, when a page is opened. */
const OF_PAGES = ["@clerk/clerk-js", "swagger-ui-dist"];

/** The rooms that have a lock file of their own. */
export const ROOMS = {
  dev: { folders: ["dev", "project"], without: [...UNUSED, ...OF_PAGES] },
} as const satisfies Record<string, RoomPackages>;

/** A room with a lock file of its own. */
export type Room = keyof typeof ROOMS;

/**
 * Returns the lock file of a room: the packages that its code can import, and all that those depend on.
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
 * Returns the lock file of a single package of which files are read: nothing of it runs, so it needs no other.
 *
 * @param lock The whole lock file.
 * @param specifier Such as `npm:@clerk/clerk-js@6.40.0`.
 * @param hash Its hash, if the whole lock file does not know the package.
 * @returns The lock file.
 */
export function lockOfFiles(lock: LockFile, specifier: string, hash?: string): LockFile {
  // Behind the version, an id has those of its peers.
  const id = hash === undefined ? idOf(lock, specifier).split("_")[0]! : specifier.slice("npm:".length);
  const integrity = hash ?? lock.npm[idOf(lock, specifier)]?.integrity;
  if (integrity === undefined) throw new Error(`Cannot fetch ${specifier}: deno.lock has no hash of it`);
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

/** JSR's packages are fetched module by module, so all of them may stay. */
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

/** The id that a dependency means; none for an optional one that is not locked. */
function findIds(npm: LockFile["npm"], dependency: string): string[] {
  if (dependency in npm) return [dependency];
  return Object.keys(npm).filter((id) => nameOf(id) === dependency);
}

/** `@scope/name` of `@scope/name@1.0.0_peer@2.0.0`. */
function nameOf(id: string): string {
  const end = id.indexOf("@", 1);
  return end === -1 ? id : id.slice(0, end);
}
