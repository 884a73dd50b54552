/**
 * Apps that use the stack: finds them, writes their `.env.local`, and tells which lines of code they need.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { commandLine } from "../../project/command_line.ts";
import { docsPage } from "../../project/docs_page.ts";
import { ProjectError } from "../../project/errors.ts";
import { lstat } from "../../project/no_links.ts";
import { readIfThere } from "../../project/read_if_there.ts";
import { setVariables } from "./env_local.ts";
import { type AppSettings, type Framework, frameworkOf, FRAMEWORKS } from "./frameworks.ts";

/** An app of a known framework. */
export interface App {
  folder: string;
  framework: Framework;
  /** Whether `dev` writes its `.env.local`. */
  isWritten: boolean;
}

/** Only the user may read a file with a secret key. */
const PRIVATE = 0o600;

const fileIn = (folder: string, name: string) => pathToFileURL(resolve(folder, name));

/**
 * Finds the apps that `dev` tells about: those that `--write-env` names, or else the one in the current folder.
 *
 * @param currentFolder Where the command was typed.
 * @param writeEnv Folders whose `.env.local` to write, relative to the current one.
 * @throws {ProjectError} If a named folder has no app of a known framework.
 */
export async function findApps(currentFolder: string, writeEnv: readonly string[]): Promise<App[]> {
  if (writeEnv.length > 0) {
    return await Promise.all(writeEnv.map(async (path) => {
      const folder = resolve(currentFolder, path);
      if ((await lstat(fileIn(folder, ".env.local")))?.isSymlink) {
        throw new ProjectError(
          `Cannot write ${folder}/.env.local: it is a symbolic link, which may lead out of the app`,
        );
      }
      return { folder, framework: await requireFramework(folder), isWritten: true };
    }));
  }
  const packageJson = await readIfThere(fileIn(currentFolder, "package.json"));
  const framework = packageJson === undefined ? undefined : frameworkOf(packageJson);
  return framework ? [{ folder: currentFolder, framework, isWritten: false }] : [];
}

async function requireFramework(folder: string): Promise<Framework> {
  const packageJson = await readIfThere(fileIn(folder, "package.json"));
  if (packageJson === undefined) throw new ProjectError(`Cannot write .env.local: ${folder} has no package.json`);
  const framework = frameworkOf(packageJson);
  if (framework) return framework;
  const sdks = FRAMEWORKS.map(({ sdk }) => sdk).join(", ");
  throw new ProjectError(`Cannot write .env.local: ${folder}/package.json has none of ${sdks}. Install one first`);
}

/**
 * Writes the stack's variables into the `.env.local` of the apps that asked for it. Other variables in it stay.
 *
 * @param apps The apps.
 * @param settings The stack's.
 */
export async function writeEnvLocals(apps: readonly App[], settings: AppSettings): Promise<void> {
  for (const { folder, framework, isWritten } of apps) {
    if (!isWritten) continue;
    const file = fileIn(folder, ".env.local");
    const text = setVariables(await readIfThere(file) ?? "", framework.variables(settings));
    await Deno.writeTextFile(file, text, { mode: PRIVATE });
  }
}

/**
 * Returns what to paste into each app: variables unless they are written, and lines of code.
 *
 * @param apps The apps.
 * @param settings The stack's.
 */
export function describeApps(apps: readonly App[], settings: AppSettings): string {
  if (apps.length > 0) return apps.map((app) => describeApp(app, settings)).join("\n");
  const pages = FRAMEWORKS.map(({ page }) => docsPage(page)).join(", ");
  return `Your own app: ${commandLine("dev --write-env <folder>")} writes its .env.local. Its code: ${pages}.\n`;
}

function describeApp({ folder, framework, isWritten }: App, settings: AppSettings): string {
  const { name, page, variables, code } = framework;
  const pasted = setVariables("", variables(settings)).trimEnd().split("\n");
  return [
    isWritten ? `Wrote ${folder}/.env.local.` : `For .env.local, which --write-env . writes:`,
    ...isWritten ? [] : ["", ...pasted.map((line) => `  ${line}`), ""],
    `${name} also needs, as ${docsPage(page)} explains:`,
    "",
    ...code.map(([file, line]) => `  ${file === "" ? "" : `${file}: `}${line}`),
    "",
  ].join("\n");
}
