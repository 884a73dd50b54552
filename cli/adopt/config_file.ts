/**
 * Writes the settings that the bundle's functions need in a project's `supabase/config.toml`.
 *
 * @module
 */
import { parse } from "smol-toml";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { CommandError } from "../../project/errors.ts";
import { blankBlock, putBlock, takeBlock } from "../../project/adopted/block.ts";
import { describeFaults, judgeSettings } from "./function_settings.ts";

const FILE = "supabase/config.toml";

const GATEWAY =
  `# The platform's gateway accepts only Supabase's own tokens, so these functions verify their callers themselves.
`;

/**
 * Returns the sections that are missing from a project's configuration.
 *
 * @param text The configuration. The bundle's own block is ignored.
 * @param functions The functions that are added.
 * @returns The sections.
 * @throws {CommandError} If the adopter has other settings for one of these functions, or the file cannot be extended.
 */
export function describeConfig(text: string, functions: readonly string[]): string {
  const config = read(takeBlock(text, FILE));
  const faults = functions.flatMap((name) => isSet(config, name) ? judgeSettings(name, settingsOf(config, name)) : []);
  if (faults.length > 0) {
    throw new CommandError([
      `Cannot add: ${FILE} has other settings for functions of the bundle. Nothing is changed. Edit these lines:`,
      ...describeFaults(blankBlock(text, FILE), faults),
      "Then run add again. Rename a function of yours with that name, or leave the bundle's out with --without",
    ].join("\n"));
  }
  const missing = functions.filter((name) => !isSet(config, name));
  const sections = missing.map((name) => `\n[functions.${name}]\nverify_jwt = false\n`).join("");
  const block = `${GATEWAY}${sections}`;
  const result = read(putBlock(text, block, FILE));
  // An inline table cannot be extended by a section: the parser fails, or the section belongs to another table.
  if (functions.every((name) => isSet(result, name))) return block;
  throw new CommandError(`Cannot add to ${FILE}: write its [functions] as separate sections`);
}

function settingsOf(config: unknown, name: string): unknown {
  return isObject(config) && isObject(config.functions) ? config.functions[name] : undefined;
}

const isSet = (config: unknown, name: string) => settingsOf(config, name) !== undefined;

/** The parser's message may quote the file. */
function read(text: string): unknown {
  try {
    return parse(text);
  } catch {
    throw new CommandError(`Cannot add to ${FILE}: it is not valid TOML, or has [functions] as an inline table`);
  }
}
