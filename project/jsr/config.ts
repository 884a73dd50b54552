/**
 * Which configuration Deno needs here: the project's own where JSR answers, else one that links the local
 * stand-ins of the few JSR symbols in use. `import_map.json` stays as it ships either way.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { cacheFolder, ROOT } from "../root.ts";

/** Folders beside this file, each a stand-in of one package. */
const STAND_INS = ["assert", "http"];

/** A Deno, current or older. */
export interface DenoVersion {
  /** The path of the executable. */
  executable: string;
  /** Such as `2.1.4`. */
  version: string;
}

/** The Deno that runs this. */
export const THIS_DENO: DenoVersion = { executable: Deno.execPath(), version: Deno.version.deno };

/**
 * Asks Deno itself whether the JSR packages can be had, since a cache or a proxy of its own may answer.
 *
 * @param deno The Deno that takes the arguments; the one that runs this unless given.
 * @returns The arguments to put behind its sub-command.
 */
export async function configArguments(deno: DenoVersion = THIS_DENO): Promise<readonly string[]> {
  const jsr = await jsrAnswers();
  if (isOlder(deno)) return ["--no-lock", "--config", await writeConfig(deno, jsr)];
  if (jsr) return [];
  const file = await writeConfig(deno, jsr);
  // npm stays pinned; what the links add to a lock file stays out of the project's own.
  await writeWhole(new URL("deno.lock", cacheFolder()), await Deno.readTextFile(new URL("deno.lock", ROOT)));
  return ["--config", file];
}

/** Before Deno 2.3: it cannot read the lock file, and has another name for links. */
function isOlder({ version }: DenoVersion): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major === 2 && minor < 3;
}

async function writeConfig(deno: DenoVersion, jsr: boolean): Promise<string> {
  const file = new URL(`deno${isOlder(deno) ? `-${deno.version}` : ""}.json`, cacheFolder());
  await Deno.mkdir(new URL(".", file), { recursive: true });
  await writeWhole(file, JSON.stringify(await linkedConfig(deno, jsr), null, 2));
  return await Deno.realPath(file);
}

/** Other processes read it at any moment, and must not find half of it. */
async function writeWhole(file: URL, text: string): Promise<void> {
  const draft = await Deno.makeTempFile({ dir: new URL(".", file).pathname });
  await Deno.writeTextFile(draft, text);
  await Deno.rename(draft, file);
}

/** What to tell people, once. */
export const STAND_INS_IN_USE = "JSR does not answer: the stand-ins in project/jsr take the place of @std/*.";

/**
 * Makes the part of a configuration that links the stand-ins, for a project in any folder.
 *
 * @param deno The Deno that reads the configuration.
 * @returns One key, or none where JSR answers.
 */
export async function standInLinks(deno: DenoVersion): Promise<Record<string, string[]>> {
  if (await jsrAnswers()) return {};
  const folders = STAND_INS.map((name) => Deno.realPath(new URL(name, import.meta.url)));
  return { [isOlder(deno) ? "patch" : "links"]: await Promise.all(folders) };
}

let answering: Promise<boolean> | undefined;

/** Asked once in a process. */
function jsrAnswers(): Promise<boolean> {
  return answering ??= askJsr();
}

async function askJsr(): Promise<boolean> {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("import_map.json", ROOT)));
  const packages = Object.values<string>(imports).filter((specifier) => specifier.startsWith("jsr:"));
  const answers = await Promise.all(packages.map(canLoad));
  return answers.every(Boolean);
}

/** Bounded: behind some firewalls a connection hangs instead of failing. */
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

async function linkedConfig(deno: DenoVersion, jsr: boolean): Promise<Record<string, unknown>> {
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const links = jsr ? [] : STAND_INS.map((name) => fileURLToPath(new URL(`project/jsr/${name}`, ROOT)));
  return {
    importMap: fileURLToPath(new URL("import_map.json", ROOT)),
    nodeModulesDir: config.nodeModulesDir,
    compilerOptions: config.compilerOptions,
    ...(isOlder(deno) ? { patch: links } : { allowScripts: config.allowScripts, links }),
  };
}
