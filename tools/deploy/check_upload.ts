/**
 * What is wrong with the functions that were uploaded, as lines for people.
 *
 * @module
 */
import { RUNTIME_DENO_VERSION } from "../../project/runtime_deno.ts";
import type { DeployedFunction } from "./function_routes.ts";
import type { Runtime } from "./runtime.ts";
import { mapsOf } from "./upload.ts";

/** How many superfluous files are named. */
const MAX_LISTED_FILES = 3;

/**
 * Checks uploads.
 *
 * @param functions What was deployed, by name.
 * @param expected The names of the project's functions.
 * @param runtime What the Edge Runtime makes of an upload.
 * @returns One line for each thing that is wrong, with what to do about it.
 */
export async function checkUpload(
  functions: ReadonlyMap<string, DeployedFunction>,
  expected: readonly string[],
  { resolve, checkTypes }: Runtime,
): Promise<string[]> {
  const uploads = [...functions.values()];
  const missing = expected.filter((name) => !functions.has(name));
  const findings = missing.map((name) =>
    `${name} was not deployed. Is its entry point there, and its name a good one?`
  );
  const resolving = [];
  for (const upload of uploads) {
    const { reached, problems } = await resolve(upload);
    if (problems.length === 0) resolving.push(upload);
    findings.push(...checkGateway(upload), ...checkFiles(upload, reached));
    findings.push(...problems.map((problem) => doesNotRun(upload.slug, problem)));
  }
  const types = await checkTypes(resolving);
  return [...findings, ...types.map((problem) => doesNotRun("What is uploaded", problem))];
}

function doesNotRun(what: string, problem: string): string {
  return `${what} does not pass under Deno ${RUNTIME_DENO_VERSION}, which the Edge Runtime has: ${problem}`;
}

/** The gateway knows Supabase's own tokens only; what is not said, it keeps from before, or checks. */
function checkGateway({ slug, metadata }: DeployedFunction): string[] {
  if (metadata.verify_jwt === false) return [];
  const found = metadata.verify_jwt === true
    ? "the gateway would check tokens"
    : "the upload does not set verify_jwt, so the gateway would ask for tokens of Supabase Auth";
  return [`${slug}: ${found}. Set verify_jwt = false under [functions.${slug}] in supabase/config.toml.`];
}

/** Files that nothing imports; hidden ones first, which may hold secrets. */
function checkFiles(upload: DeployedFunction, reached: ReadonlySet<string>): string[] {
  // What cannot be resolved has been said, and reaches nothing.
  if (reached.size === 0) return [];
  const needed = new Set([...reached, ...mapsOf(upload)]);
  const superfluous = [...upload.files.keys()].filter((path) => !needed.has(path)).sort(hiddenFirst);
  if (superfluous.length === 0) return [];
  const more = superfluous.length > MAX_LISTED_FILES ? ` and ${superfluous.length - MAX_LISTED_FILES} more` : "";
  const names = `${superfluous.slice(0, MAX_LISTED_FILES).join(", ")}${more}`;
  return [
    `${upload.slug} uploads ${names}, which it does not need. ` +
    "Look for an import map's local target, static_files, or an import in a comment.",
  ];
}

function hiddenFirst(a: string, b: string): number {
  return Number(isHidden(b)) - Number(isHidden(a)) || (a < b ? -1 : 1);
}

const isHidden = (path: string) => /(^|\/)\./.test(path);
