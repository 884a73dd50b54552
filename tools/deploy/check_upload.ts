/**
 * Finds faults of uploaded functions.
 *
 * @module
 */
import { RUNTIME_DENO_VERSION } from "../../project/runtime_deno.ts";
import type { DeployedFunction } from "./function_routes.ts";
import type { Runtime } from "./runtime.ts";
import { mapsOf } from "./upload.ts";

/** The most superfluous files to name. */
const MAX_LISTED_FILES = 3;

/**
 * Checks the uploads of a deployment.
 *
 * @param functions The deployed functions by name.
 * @param expected The names of the project's functions.
 * @param runtime Resolves and type checks uploads as the Edge Runtime does.
 * @returns One line for each fault, with its fix.
 */
export async function checkUpload(
  functions: ReadonlyMap<string, DeployedFunction>,
  expected: readonly string[],
  { resolve, checkTypes }: Runtime,
): Promise<string[]> {
  const uploads = [...functions.values()];
  const missing = expected.filter((name) => !functions.has(name));
  const findings = missing.map((name) =>
    `${name} was not deployed. Check that its entry point exists, and that its name is valid.`
  );
  const resolving = [];
  for (const upload of uploads) {
    const { reached, problems } = await resolve(upload);
    if (problems.length === 0) resolving.push(upload);
    findings.push(...checkGateway(upload), ...checkFiles(upload, reached));
    findings.push(...problems.map((problem) => doesNotRun(upload.slug, problem)));
  }
  const types = await checkTypes(resolving);
  return [...findings, ...types.map((problem) => doesNotRun("The upload", problem))];
}

function doesNotRun(what: string, problem: string): string {
  return `${what} does not pass under Deno ${RUNTIME_DENO_VERSION}, which the Edge Runtime has: ${problem}`;
}

/** Requires `verify_jwt = false`, because the gateway accepts only Supabase's tokens, and keeps an unset setting. */
function checkGateway({ slug, metadata }: DeployedFunction): string[] {
  if (metadata.verify_jwt === false) return [];
  const found = metadata.verify_jwt === true
    ? "the gateway would check tokens"
    : "the upload does not set verify_jwt, so the gateway would ask for tokens of Supabase Auth";
  return [`${slug}: ${found}. Set verify_jwt = false under [functions.${slug}] in supabase/config.toml.`];
}

/** Finds files that nothing imports; hidden files first, because they may contain secrets. */
function checkFiles(upload: DeployedFunction, reached: ReadonlySet<string>): string[] {
  // Unresolved imports are already reported, and reach no files.
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
