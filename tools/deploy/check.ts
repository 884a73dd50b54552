/**
 * `deno task check:deploy`: checks that this project's functions are complete after a deployment, as sources by
 * `supabase functions deploy` and as bundles by `deno task deploy`. With a folder, it checks the sources of the project
 * in that folder.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../project/root.ts";
import { RUNTIME_DENO_VERSION } from "../../project/runtime_deno.ts";
import { CLI_VERSION } from "../../project/supabase_cli.ts";
import { checkBundles } from "./check_bundles.ts";
import { checkProject, type ProjectCheck } from "./check_project.ts";

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

/** Prints the findings, and returns whether there are none. */
function report(what: string, { names, findings }: ProjectCheck): boolean {
  const good = findings.length === 0;
  const well =
    `Supabase CLI ${CLI_VERSION} uploads ${names.length} functions, and Deno ${RUNTIME_DENO_VERSION} accepts them.`;
  print(`${what}: ${good ? well : "these functions are incomplete after a deployment."}`);
  for (const finding of findings) print(`  ${finding}`);
  return good;
}

/** Returns the URL of the given folder, or ends with an error if it has no project. */
async function openFolder(folder: string): Promise<URL> {
  const root = pathToFileURL(`${resolve(folder)}/`);
  try {
    await Deno.stat(new URL("supabase/config.toml", root));
  } catch {
    // deno-lint-ignore no-console -- a command-line tool
    console.error(`Cannot check ${folder}: there is no readable supabase/config.toml`);
    Deno.exit(2);
  }
  return pathToFileURL(`${await Deno.realPath(folder)}/`);
}

const [folder] = Deno.args;
const good = folder !== undefined
  ? [report(folder, await checkProject(await openFolder(folder)))]
  : [report("Sources", await checkProject(ROOT)), report("Bundles", await checkBundles())];
Deno.exit(good.every(Boolean) ? 0 : 1);
