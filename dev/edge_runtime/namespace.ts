/**
 * The `Deno` namespace that a function sees in the Edge Runtime: it lacks members that Deno has, and some members do
 * nothing or throw.
 *
 * Source: supabase/edge-runtime 1.74, `ext/runtime/js/bootstrap.js` and `denoOverrides.js`.
 *
 * @module
 */

/** Members that work as in Deno. */
const KEPT = [
  ...["serveHttp", "upgradeWebSocket", "listen", "connect", "connectTls", "startTls", "resolveDns", "createHttpClient"],
  ...["errors", "refTimer", "unrefTimer", "stdin", "stdout", "stderr", "env", "pid", "mainModule", "build"],
  ...["memoryUsage", "osRelease", "osUptime", "hostname", "systemMemoryInfo", "loadavg", "networkInterfaces"],
  ...["consoleSize", "gid", "uid", "FsFile", "SeekMode", "ChildProcess", "HttpClient"],
] as const;

/** File system members that work, on a virtual file system. */
const FILES = [
  ...["open", "stat", "lstat", "realPath", "create", "remove", "readFile", "writeFile", "readTextFile"],
  ...["writeTextFile", "mkdir", "makeTempDir", "makeTempFile", "readDir", "copyFile", "cwd"],
] as const;

/** Synchronous file system members, which work only while the function's modules are loading. */
const BLOCKING_FILES = [
  ...["openSync", "statSync", "lstatSync", "realPathSync", "createSync", "removeSync", "readFileSync"],
  ...["writeFileSync", "readTextFileSync", "writeTextFileSync", "mkdirSync", "makeTempDirSync"],
  ...["makeTempFileSync", "readDirSync", "copyFileSync"],
] as const;

/** File system members that never work. */
const BLOCKED = [
  ...["rename", "chmod", "chown", "symlink", "link", "truncate", "utime", "readLink"].flatMap((name) => [
    name,
    `${name}Sync`,
  ]),
  ...["chdir", "umask"],
];

/** Members that return without doing anything. */
const IDLE = ["exit", "kill", "addSignalListener", "removeSignalListener"];

/** A namespace whose members change once the function is loaded. */
export interface Namespace {
  namespace: typeof Deno;
  /** Marks the function's modules as loaded. */
  loaded: () => void;
}

/**
 * Creates the namespace from Deno's own.
 *
 * @param deno The real namespace.
 * @param serve Receives the handler, in place of `Deno.serve`.
 * @returns The value of `Deno` for the function.
 */
export function createNamespace(deno: typeof Deno, serve: unknown): Namespace {
  let loading = true;
  const real = deno as unknown as Record<string, unknown>;
  const call = (name: string, args: unknown[]) => (real[name] as (...args: unknown[]) => unknown)(...args);
  const members = (names: readonly string[], make: (name: string) => unknown) =>
    Object.fromEntries(names.map((name) => [name, make(name)]));
  const blocking = (name: string) => (...args: unknown[]) => {
    if (!loading) throw refusal(deno, name);
    return call(name, args);
  };
  const namespace = {
    ...members([...KEPT, ...FILES], (name) => real[name]),
    ...members(BLOCKING_FILES, blocking),
    ...members(BLOCKED, (name) => () => {
      throw refusal(deno, name);
    }),
    ...members(IDLE, () => () => {}),
    serve,
    Command: createCommand(deno),
    args: [],
    permissions: alwaysGranted(),
    version: { ...deno.version, deno: "supabase-edge-runtime-local (compatible with Deno v2.1.4)" },
  };
  return { namespace: namespace as unknown as typeof Deno, loaded: () => void (loading = false) };
}

function refusal(deno: typeof Deno, name: string): Error {
  return new deno.errors.PermissionDenied(`Deno.${name} is blocklisted on the current context`);
}

function createCommand(deno: typeof Deno) {
  const refuse = (): never => {
    throw new deno.errors.PermissionDenied("Spawning subprocesses is not allowed on Supabase Edge Runtime");
  };
  return class Command {
    output = refuse;
    outputSync = refuse;
    spawn = refuse;
  };
}

/** Reports every permission as granted, so that the function learns nothing about the sandbox. */
function alwaysGranted() {
  const granted = { state: "granted", onchange: null, partial: false };
  const ask = () => Promise.resolve(granted);
  return {
    ...{ query: ask, request: ask, revoke: ask },
    ...{ querySync: () => granted, requestSync: () => granted, revokeSync: () => granted },
  };
}
