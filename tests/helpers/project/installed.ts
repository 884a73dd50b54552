/**
 * The npm package, packed and installed as its users have it: in an empty folder, with Node and nothing else.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type CliResult, runCommand } from "../../../project/supabase_cli.ts";
import { packPackage } from "../../../tools/package/pack.ts";

/** An installed package. */
export interface Installed {
  /** The folder that it is installed in. */
  folder: string;
  /** The folder of the package itself. */
  packageFolder: string;
  tarball: URL;
  /** Runs a command of it as people type it. */
  npx: (args: readonly string[], folder?: string) => Promise<CliResult>;
  /** The variables of a shell that finds no other Deno. */
  env: Record<string, string>;
  remove: () => Promise<void>;
}

/** Packs the package, and installs the tarball. */
export async function installPackage(): Promise<Installed> {
  const temporary = await Deno.realPath(await Deno.makeTempDir({ prefix: "installed-" }));
  const tarball = await packPackage(new URL(`file://${temporary}/tarball/`));
  const folder = `${temporary}/project`;
  await Deno.mkdir(folder);
  const env = { PATH: await pathWithNode(), NO_COLOR: "1" };
  const install = ["install", "--no-audit", "--no-fund", "--prefer-offline", "--no-save", fileURLToPath(tarball)];
  await Deno.writeTextFile(`${folder}/package.json`, "{}\n");
  const { code, stderr } = await runCommand("npm", { folder, env }, install);
  assertEquals(code, 0, stderr);
  return {
    ...{ folder, tarball, env, packageFolder: `${folder}/node_modules/clerk-supabase` },
    npx: (args, from = folder) => runCommand("npx", { folder: from, env }, ["clerk-supabase", ...args]),
    remove: () => Deno.remove(temporary, { recursive: true }),
  };
}

/** Node's own folder, and those of the system. */
async function pathWithNode(): Promise<string> {
  const { stdout } = await runCommand("node", { folder: "." }, ["-p", "process.execPath"]);
  return `${dirname(stdout.trim())}:/usr/bin:/bin`;
}

/** The fingerprint of every file below a folder, by path. */
export async function fingerprints(folder: string): Promise<string> {
  const command = "find . -type f -print0 | sort -z | xargs -0 sha256sum";
  return (await runCommand("sh", { folder }, ["-c", command])).stdout;
}
