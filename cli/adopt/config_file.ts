/**
 * What `supabase/config.toml` of a project has to say for the functions of the bundle.
 *
 * @module
 */
import { parse } from "smol-toml";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { CommandError } from "../../project/errors.ts";
import { putBlock } from "../../project/adopted/block.ts";

const FILE = "supabase/config.toml";

const GATEWAY =
  `# The platform's gateway knows Supabase's own tokens only, so these functions check for themselves who calls.
`;

/**
 * Writes the sections that a project's configuration lacks.
 *
 * @param text The configuration without them.
 * @param functions The functions that are added.
 * @returns The sections.
 * @throws {CommandError} Where the adopter has settings of another function of that name, or the file cannot be added to.
 */
export function describeConfig(text: string, functions: readonly string[]): string {
  const config = read(text);
  const missing = functions.filter((name) => !isSet(config, name));
  const sections = missing.map((name) => `\n[functions.${name}]\nverify_jwt = false\n`).join("");
  const block = `${GATEWAY}${sections}`;
  const result = read(putBlock(text, block, FILE));
  // An inline table takes no section from outside: the parser says so, or it would be another table.
  if (functions.every((name) => isSet(result, name))) return block;
  throw new CommandError(`Cannot add to ${FILE}: write its [functions] as sections of their own`);
}

/** Whether a function's settings are there, and as they have to be. */
function isSet(config: unknown, name: string): boolean {
  const settings = isObject(config) && isObject(config.functions) ? config.functions[name] : undefined;
  if (settings === undefined) return false;
  if (isObject(settings) && settings.verify_jwt === false && Object.keys(settings).length === 1) return true;
  throw new CommandError(
    `Cannot add: ${FILE} has settings of its own in [functions.${name}]; nothing but verify_jwt = false may be there`,
  );
}

/** What a parser says of the file may quote it. */
function read(text: string): unknown {
  try {
    return parse(text);
  } catch {
    throw new CommandError(`Cannot add to ${FILE}: it is no valid TOML, or has [functions] as an inline table`);
  }
}
