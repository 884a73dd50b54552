/**
 * Which configuration Deno needs here: the project's own where JSR answers, else one that links the local
 * stand-ins of the few JSR symbols in use. `import_map.json` stays as it ships either way.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/** Folders beside this file, each a stand-in of one package. */
const STAND_INS = ["assert", "http"];

/** The arguments that make Deno use the configuration that works here. */
export type ConfigArguments = [] | ["--config", string];

/**
 * Asks Deno itself whether the JSR packages can be had, since a cache or a proxy of its own may answer.
 *
 * @returns The arguments to put behind Deno's sub-command.
 */
export async function configArguments(): Promise<ConfigArguments> {
  if (await jsrAnswers()) return [];
  const file = new URL(".cache/deno.json", ROOT);
  await Deno.mkdir(new URL(".", file), { recursive: true });
  await Deno.writeTextFile(file, JSON.stringify(await linkedConfig(), null, 2));
  // npm stays pinned; what the links add to a lock file stays out of the project's own.
  await Deno.copyFile(new URL("deno.lock", ROOT), new URL("deno.lock", file));
  return ["--config", await Deno.realPath(file)];
}

/** What to tell people, once. */
export const STAND_INS_IN_USE = "JSR does not answer: the stand-ins in tools/jsr take the place of @std/*.";

async function jsrAnswers(): Promise<boolean> {
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

async function linkedConfig(): Promise<Record<string, unknown>> {
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const links = STAND_INS.map((name) => `../tools/jsr/${name}`);
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return {
    importMap: "../import_map.json",
    nodeModulesDir: config.nodeModulesDir,
    allowScripts: config.allowScripts,
    compilerOptions: config.compilerOptions,
    // The key's name before Deno 2.3.
    [major === 2 && minor < 3 ? "patch" : "links"]: links,
  };
}
