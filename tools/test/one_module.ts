/**
 * Writes a module that imports all test files of a job. Deno runs each file that it gets in an isolate of its own,
 * which loads every module again: for tests/unit, that costs more CPU time than the tests.
 *
 * @module
 */
import { filesBelow } from "../../project/repository_files.ts";
import { ROOT } from "../../project/root.ts";

/**
 * Writes the module to `.cache/`.
 *
 * @param name The module's name.
 * @param paths Test files and folders, relative to the repository's root.
 * @returns The module's path, relative to the repository's root.
 */
export async function writeOneModule(name: string, paths: readonly string[]): Promise<string> {
  const files = (await Promise.all(paths.map(filesOf))).flat().sort();
  const module = `.cache/${name}.ts`;
  await Deno.mkdir(new URL(".cache/", ROOT), { recursive: true });
  await Deno.writeTextFile(new URL(module, ROOT), files.map((file) => `import "../${file}";\n`).join(""));
  return module;
}

async function filesOf(path: string): Promise<string[]> {
  return path.endsWith(".ts") ? [path] : await filesBelow(`${path}/`, "_test.ts");
}
