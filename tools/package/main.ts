/**
 * `deno task package`: packs the npm package into `.cache/`, and prints the tarball's path.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ROOT } from "../../project/root.ts";
import { packPackage } from "./pack.ts";

// deno-lint-ignore no-console -- a command-line tool
console.log(fileURLToPath(await packPackage(new URL(".cache/", ROOT))));
