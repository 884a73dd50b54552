/**
 * Writes the configuration for Deno on this machine: the project's, with a lock file, and if JSR does not answer, with
 * links to the local stand-ins of the few JSR symbols in use. `import_map.json` does not change.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { cacheFolder, ROOT } from "../root.ts";
import { type ImportMap, type LockFile, lockOfFiles, lockOfRoom, type Room, ROOMS } from "./room_lock.ts";

/** Folders beside this file, each with the stand-in of one package. */
const STAND_INS = ["assert", "http"];

/** A version of Deno, current or older. */
export interface DenoVersion {
  /** The path of the executable. */
  executable: string;
  /** Such as `2.1.4`. */
  version: string;
}

/**
 * The packages that a process may fetch: those of a room, or one package whose files are only read. It needs a hash if
 * `deno.lock` does not contain the package.
 */
export type Packages = { room: Room } | { filesOf: string; integrity?: string | undefined };

/** The Deno that runs this process. */
export const THIS_DENO: DenoVersion = { executable: Deno.execPath(), version: Deno.version.deno };

/**
 * Writes the configuration and the lock file for a process. Deno itself tries to load the JSR packages, because its
 * cache or a proxy may have them. `deno.json` names no lock file, because `deno task` would fetch everything in it
 * first.
 *
 * @param deno The Deno that gets the arguments; the default is the one that runs this process.
 * @param packages The packages that it may fetch; the default is every package of `deno.lock`.
 * @returns The arguments to put after its sub-command.
 */
export async function configArguments(deno: DenoVersion = THIS_DENO, packages?: Packages): Promise<readonly string[]> {
  const jsr = await jsrAnswers();
  if (isOlder(deno)) return ["--no-lock", "--config", await writeConfig(`deno-${deno.version}`, deno, jsr)];
  const name = packages ? `deno-${nameOf(packages)}` : "deno";
  return ["--config", await writeConfig(name, deno, jsr, await writeLock(name, jsr, packages))];
}

function nameOf(packages: Packages): string {
  return "room" in packages ? packages.room : packages.filesOf.replaceAll(/[^\w.-]+/g, "-");
}

/** Writes the lock file, if it is not the project's own, and returns its path from the configuration's folder. */
async function writeLock(name: string, jsr: boolean, packages?: Packages): Promise<string> {
  if (jsr && !packages) return fileURLToPath(new URL("deno.lock", ROOT));
  // npm packages stay pinned, and entries of the links stay out of the project's own lock file.
  const whole: LockFile = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  const lock = packages ? await lockOf(packages, whole) : whole;
  await writeInCache(`${name}.lock`, JSON.stringify(jsr ? lock : await withLinks(lock)));
  return `${name}.lock`;
}

async function lockOf(packages: Packages, whole: LockFile): Promise<LockFile> {
  if ("filesOf" in packages) return lockOfFiles(whole, packages.filesOf, packages.integrity);
  const map: ImportMap = JSON.parse(await Deno.readTextFile(new URL("import_map.json", ROOT)));
  return lockOfRoom(whole, map, ROOMS[packages.room]);
}

/** Adds the links to a lock file: without them, Deno ignores its hashes and trusts the registry. */
async function withLinks(lock: LockFile): Promise<LockFile> {
  return { ...lock, workspace: { ...lock.workspace, links: await lockedLinks() } };
}

/**
 * Returns the links to the stand-ins in the form of a lock file.
 *
 * @returns The links of its workspace; none if JSR answers.
 */
export async function lockedLinks(): Promise<Record<string, object>> {
  if (await jsrAnswers()) return {};
  const links = await Promise.all(STAND_INS.map(async (folder) => {
    const { name, version } = JSON.parse(await Deno.readTextFile(new URL(`${folder}/deno.json`, import.meta.url)));
    return [`jsr:${name}@${version}`, {}];
  }));
  return Object.fromEntries(links);
}

/** Returns whether this is Deno before 2.3, which cannot read the lock file and has another name for links. */
function isOlder({ version }: DenoVersion): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major === 2 && minor < 3;
}

async function writeConfig(name: string, deno: DenoVersion, jsr: boolean, lock?: string): Promise<string> {
  const config = await linkedConfig(deno, jsr, lock);
  return await Deno.realPath(await writeInCache(`${name}.json`, JSON.stringify(config, null, 2)));
}

async function writeInCache(name: string, text: string): Promise<URL> {
  const file = new URL(name, cacheFolder());
  await Deno.mkdir(new URL(".", file), { recursive: true });
  await writeWhole(file, text);
  return file;
}

/** Writes a file atomically, because other processes may read it at any time. */
async function writeWhole(file: URL, text: string): Promise<void> {
  const draft = await Deno.makeTempFile({ dir: new URL(".", file).pathname });
  await Deno.writeTextFile(draft, text);
  await Deno.rename(draft, file);
}

/** The note to print once. */
export const STAND_INS_IN_USE = "JSR does not answer: the stand-ins in project/jsr replace @std/*.";

/**
 * Returns the part of a configuration that links the stand-ins, for a project in any folder.
 *
 * @param deno The Deno that reads the configuration.
 * @returns One key; none if JSR answers.
 */
export async function standInLinks(deno: DenoVersion): Promise<Record<string, string[]>> {
  if (await jsrAnswers()) return {};
  const folders = STAND_INS.map((name) => Deno.realPath(new URL(name, import.meta.url)));
  return { [isOlder(deno) ? "patch" : "links"]: await Promise.all(folders) };
}

let answering: Promise<boolean> | undefined;

/**
 * Checks once per process whether JSR answers.
 *
 * @returns Whether the JSR packages come from JSR, not from the stand-ins.
 */
export function jsrAnswers(): Promise<boolean> {
  return answering ??= askJsr();
}

async function askJsr(): Promise<boolean> {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("import_map.json", ROOT)));
  const packages = Object.values<string>(imports).filter((specifier) => specifier.startsWith("jsr:"));
  const answers = await Promise.all(packages.map(canLoad));
  return answers.every(Boolean);
}

/** The check has a time limit, because behind some firewalls a connection hangs instead of failing. */
async function canLoad(specifier: string): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--no-config", "--no-lock", specifier],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(5_000),
  }).output();
  return success;
}

async function linkedConfig(deno: DenoVersion, jsr: boolean, lock?: string): Promise<Record<string, unknown>> {
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const links = jsr ? [] : STAND_INS.map((name) => fileURLToPath(new URL(`project/jsr/${name}`, ROOT)));
  return {
    importMap: fileURLToPath(new URL("import_map.json", ROOT)),
    nodeModulesDir: config.nodeModulesDir,
    compilerOptions: config.compilerOptions,
    ...(isOlder(deno) ? { patch: links } : { allowScripts: config.allowScripts, links, lock: { path: lock } }),
  };
}
