/**
 * Fetches the package that the argument names, unless it is here, and prints the address of its main module. It is a
 * process of its own so that a lock file of its own holds the package to its hash, and brings no other package along.
 *
 * @module
 */
const [packageName] = Deno.args;
if (packageName === undefined) throw new TypeError("Cannot locate a package: no name given");
// As text: the package has to be here, and nothing of it has to run.
await import(packageName, { with: { type: "text" } });
// deno-lint-ignore no-console -- the answer
console.log(import.meta.resolve(packageName));
