/**
 * `deno task check:deploy [folder]`: whether the functions of a project, this one unless told, arrive whole when they
 * are deployed.
 *
 * @module
 */
import { ROOT } from "../../dev/project.ts";
import { CLI_VERSION } from "../supabase_cli.ts";
import { RUNTIME_DENO_VERSION } from "../runtime_deno.ts";
import { checkProject } from "./check_project.ts";

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

const [folder] = Deno.args;
const { names, findings } = await checkProject(
  folder === undefined ? ROOT : new URL(`file://${await Deno.realPath(folder)}/`),
);
for (const finding of findings) print(finding);
if (findings.length === 0) {
  print(`Supabase CLI ${CLI_VERSION} uploads ${names.length} functions, and Deno ${RUNTIME_DENO_VERSION} takes them.`);
}
Deno.exit(findings.length === 0 ? 0 : 1);
