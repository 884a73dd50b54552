/**
 * Runs the functions' unit tests again, in a process without the APIs that the Edge Runtime lacks or blocks.
 *
 * @module
 */
import { becomeEdgeWorker } from "../../dev/edge_runtime/boot.ts";

const UNIT = new URL("../unit/", import.meta.url);
/** Tests of code that runs only in the developer's Deno: commands, the local stack, and their shared code. */
const NOT_FUNCTIONS = ["cli", "dev", "project"];

function testsBelow(folder: URL): URL[] {
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap(({ name, isDirectory }) => {
    if (isDirectory) return NOT_FUNCTIONS.includes(name) ? [] : testsBelow(new URL(`${name}/`, folder));
    return name.endsWith("_test.ts") ? [new URL(name, folder)] : [];
  });
}

const files = testsBelow(UNIT);
if (files.length === 0) throw new Error("Cannot find the functions' unit tests");
// The APIs that the test runner needs and functions do not have.
const runner = Object.fromEntries(
  ["test", "internal", ...Object.getOwnPropertySymbols(Deno)].map((key) => [key, Reflect.get(Deno, key)]),
);
becomeEdgeWorker();
Object.assign(Deno, runner);
for (const file of files) await import(file.href);
