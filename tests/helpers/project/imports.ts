/**
 * Finds imports between files.
 *
 * @module
 */
import { posix } from "node:path";
import { trackedFiles } from "../../../project/repository_files.ts";
import { ROOT } from "../../../project/root.ts";

/** A file and another one that it names, by an import or by a URL relative to itself. */
export interface Import {
  file: string;
  target: string;
}

const RELATIVE = /(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)["'`](\.{1,2}\/[^"'`\n$]*)/g;

/** Returns a source's imports by relative paths. Skips examples in doc comments, which import their own file. */
export function importsIn(file: string, text: string): Import[] {
  return [...text.matchAll(RELATIVE)].map(([, path]) => ({ file, target: posix.join(posix.dirname(file), path!) }))
    .filter(({ target }) => target !== file);
}

/** Returns the imports of every script that git tracks or would track. */
export async function readImports(): Promise<Import[]> {
  const files = (await trackedFiles()).filter((path) => /\.[jt]s$/.test(path));
  const read = async (file: string) => importsIn(file, await Deno.readTextFile(new URL(file, ROOT)));
  return (await Promise.all(files.map(read))).flat();
}

/** Returns every file that a file reaches through imports, including itself if the imports form a cycle. */
export function reachedFrom(file: string, imports: ReadonlyMap<string, readonly Import[]>): Set<string> {
  const reached = new Set<string>();
  const next = [file];
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    for (const { target } of imports.get(one) ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      next.push(target);
    }
  }
  return reached;
}
