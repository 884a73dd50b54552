/**
 * Passes the functions' variables to the Supabase CLI in a file that only this user can read, and that exists only
 * while the CLI runs.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readVariableFile } from "../../project/function_variables.ts";
import { CommandError, UsageError } from "../../project/errors.ts";

/** Variables by name. */
export type Secrets = Record<string, string>;

/**
 * Reads the variables to set. It skips names that begin with `SUPABASE_`, which belong to the platform, and empty
 * values.
 *
 * @param root The project's folder.
 * @param given The value of `--secrets-file`; the default is `supabase/functions/.env` of the project.
 * @param from The current folder, which relative paths are resolved from.
 * @returns The variables. Without that `.env` there are none, and the project's secrets do not change.
 * @throws {UsageError} If the given file does not exist.
 */
export async function readSecrets(root: URL, given?: string, from: string = Deno.cwd()): Promise<Secrets> {
  if (given === undefined) return await readVariableFile(new URL("supabase/functions/.env", root));
  if (given === "") throw new UsageError("Cannot use --secrets-file: expected the name of a file");
  const file = pathToFileURL(resolve(from, given));
  const isFile = await Deno.stat(file).then((found) => found.isFile, () => false);
  if (!isFile) throw new UsageError(`Cannot read ${given}: there is no such file`);
  return await readVariableFile(file);
}

/**
 * Writes variables to a temporary file, and removes it after use.
 *
 * @param secrets The variables.
 * @param use A function that gets the file's path.
 * @returns What `use` returns.
 */
export async function withSecretsFile<T>(secrets: Secrets, use: (path: string) => Promise<T>): Promise<T> {
  const text = describeSecrets(secrets);
  // Deno creates the file with mode 0600.
  const path = await Deno.makeTempFile({ prefix: "secrets-", suffix: ".env" });
  files.add(path);
  try {
    await Deno.writeTextFile(path, text);
    return await use(path);
  } finally {
    await Deno.remove(path);
    files.delete(path);
  }
}

/** The temporary files that exist now. */
const files = new Set<string>();

/** Removes the temporary files at once, for a process that is about to end. */
export function removeSecretsFiles(): void {
  for (const path of files) Deno.removeSync(path);
}

/**
 * Formats variables as an `.env` file that the Supabase CLI parses back to the same values.
 *
 * @param secrets The variables.
 * @returns The text.
 * @throws {CommandError} If a name or a value has no such form.
 */
export function describeSecrets(secrets: Secrets): string {
  return Object.entries(secrets).map(([name, value]) => `${describeName(name)}=${describeValue(name, value)}\n`).join(
    "",
  );
}

/** Checks the name, because the CLI ignores lines with other names. */
function describeName(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new CommandError(`Cannot set ${name}: expected a name of letters, digits and _; rename it`);
}

/** Quotes the value. Single quotes and backticks keep everything except carriage returns; double quotes change `\n`. */
function describeValue(name: string, value: string): string {
  if (value.endsWith("\\")) {
    // A backslash would escape the closing quote.
    if (/^[^\s'"`#$]+$/.test(value)) return value;
    throw unsettable(name, "ends with a backslash");
  }
  if (value.includes("\r")) throw unsettable(name, "contains a carriage return");
  const quote = ["'", "`", ...(value.includes("\\") ? [] : ['"'])].find((one) => !value.includes(one));
  if (quote === undefined) throw unsettable(name, "contains every kind of quote");
  return `${quote}${value}${quote}`;
}

function unsettable(name: string, why: string): CommandError {
  return new CommandError(`Cannot set ${name}: its value ${why}; remove it here and set it in Supabase's dashboard`);
}

/**
 * Replaces the values of secrets in a text with their names.
 *
 * @param text The text.
 * @param secrets The variables.
 * @returns The text. Short values, such as `true`, are not replaced.
 */
export function withoutSecrets(text: string, secrets: Secrets): string {
  const shown = Object.entries(secrets).flatMap(([name, value]) => formsOf(value).map((form) => [name, form] as const));
  // The longest first, because one value may be a part of another.
  shown.sort(([, one], [, other]) => other.length - one.length);
  return shown.reduce((rest, [name, form]) => rest.replaceAll(form, `<${name}>`), text);
}

/** The forms of a value and of its lines: plain, in JSON, and in JSON that is quoted in JSON. */
function formsOf(value: string): string[] {
  const plain = [value, ...value.split("\n").map((line) => line.trim())].filter((text) => text.length >= 8);
  const escape = (text: string) => JSON.stringify(text).slice(1, -1);
  return [...new Set(plain.flatMap((text) => [text, escape(text), escape(escape(text))]))];
}
