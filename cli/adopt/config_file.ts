/**
 * The settings that `supabase/config.toml` of a project needs for the functions of the bundle.
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
  `# The platform's gateway knows Supabase's own tokens only, so these functions check for themselves who calls.
`;

/**
 * Writes the sections that a project's configuration lacks.
 *
 * @param text The configuration. What the bundle wrote there does not count.
 * @param functions The functions that are added.
 * @returns The sections.
 * @throws {CommandError} If the adopter has other settings for one of these functions, or the file cannot be added to.
 */
export function describeConfig(text: string, functions: readonly string[]): string {
  const config = read(takeBlock(text, FILE));
  const faults = functions.flatMap((name) => isSet(config, name) ? judgeSettings(name, settingsOf(config, name)) : []);
  if (faults.length > 0) {
    throw new CommandError([
      `Cannot add: ${FILE} has settings of its own for functions of the bundle. Nothing is changed. Edit these lines:`,
      ...describeFaults(blankBlock(text, FILE), faults),
      "Then add again. A function of yours needs another name, or leave the bundle's out with --without",
    ].join("\n"));
  }
  const missing = functions.filter((name) => !isSet(config, name));
  const sections = missing.map((name) => `\n[functions.${name}]\nverify_jwt = false\n`).join("");
  const block = `${GATEWAY}${sections}`;
  const result = read(putBlock(text, block, FILE));
  // An inline table takes no section from outside: the parser says so, or it would be another table.
  if (functions.every((name) => isSet(result, name))) return block;
  throw new CommandError(`Cannot add to ${FILE}: write its [functions] as sections of their own`);
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
    throw new CommandError(`Cannot add to ${FILE}: it is no valid TOML, or has [functions] as an inline table`);
  }
}
