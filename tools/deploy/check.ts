/**
 * `deno task check:deploy`: whether this project's functions arrive whole when they are deployed, as their sources by
 * `supabase functions deploy` and as bundles by `deno task deploy`. With a folder, whether those of the project in that
 * folder do, as they are.
 *
 * @module
 */
import { ROOT } from "../../dev/project.ts";
import { RUNTIME_DENO_VERSION } from "../runtime_deno.ts";
import { CLI_VERSION } from "../supabase_cli.ts";
import { checkBundles } from "./check_bundles.ts";
import { checkProject, type ProjectCheck } from "./check_project.ts";

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

/** Says what was found. */
function report(what: string, { names, findings }: ProjectCheck): boolean {
  const good = findings.length === 0;
  const well =
    `Supabase CLI ${CLI_VERSION} uploads ${names.length} functions, Deno ${RUNTIME_DENO_VERSION} takes them.`;
  print(`${what}: ${good ? well : "these functions do not arrive whole."}`);
  for (const finding of findings) print(`  ${finding}`);
  return good;
}

const [folder] = Deno.args;
const good = folder !== undefined
  ? [report(folder, await checkProject(new URL(`file://${await Deno.realPath(folder)}/`)))]
  : [report("Sources", await checkProject(ROOT)), report("Bundles", await checkBundles())];
Deno.exit(good.every(Boolean) ? 0 : 1);
