/**
 * The functions' variables, on their way to the project: in a file that only this user may read, for as long as the
 * Supabase CLI takes.
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
 * Reads what is to be set: nothing that begins with `SUPABASE_`, which is the platform's, and no empty value.
 *
 * @param root The project's folder.
 * @param given The value of `--secrets-file`; `supabase/functions/.env` of the project unless given.
 * @param from The current folder, from which a relative path counts.
 * @returns The variables. Without that `.env` there are none, and the project's stay as they are.
 * @throws {UsageError} Where the file that was given is not there.
 */
export async function readSecrets(root: URL, given?: string, from: string = Deno.cwd()): Promise<Secrets> {
  if (given === undefined) return await readVariableFile(new URL("supabase/functions/.env", root));
  if (given === "") throw new UsageError("Cannot use --secrets-file: expected a file's name");
  const file = pathToFileURL(resolve(from, given));
  const isFile = await Deno.stat(file).then((found) => found.isFile, () => false);
  if (!isFile) throw new UsageError(`Cannot read ${given}: there is no such file`);
  return await readVariableFile(file);
}

/**
 * Writes variables to a temporary file while something needs it.
 *
 * @param secrets The variables.
 * @param use Takes the file's path.
 * @returns What `use` returns.
 */
export async function withSecretsFile<T>(secrets: Secrets, use: (path: string) => Promise<T>): Promise<T> {
  const text = describeSecrets(secrets);
  // Deno makes it with the mode 0600.
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

/** The temporary files that are there. */
const files = new Set<string>();

/** Removes the temporary files at once, for a process that ends while something uses them. */
export function removeSecretsFiles(): void {
  for (const path of files) Deno.removeSync(path);
}

/**
 * Writes variables as an `.env` file, in a way that the Supabase CLI reads as it is meant.
 *
 * @param secrets The variables.
 * @returns The text.
 * @throws {CommandError} Where there is no such way.
 */
export function describeSecrets(secrets: Secrets): string {
  return Object.entries(secrets).map(([name, value]) => `${describeName(name)}=${describeValue(name, value)}\n`).join(
    "",
  );
}

/** The CLI passes over a line that has another one. */
function describeName(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new CommandError(`Cannot set ${name}: expected a name of letters, digits and _; rename it`);
}

/** Single quotes and backticks keep everything as it is, but a carriage return; double quotes would change `\n`. */
function describeValue(name: string, value: string): string {
  if (value.endsWith("\\")) {
    // A quote after it would not end the value.
    if (/^[^\s'"`#$]+$/.test(value)) return value;
    throw unsettable(name, "ends with a backslash");
  }
  if (value.includes("\r")) throw unsettable(name, "has a carriage return");
  const quote = ["'", "`", ...(value.includes("\\") ? [] : ['"'])].find((one) => !value.includes(one));
  if (quote === undefined) throw unsettable(name, "has every kind of quote");
  return `${quote}${value}${quote}`;
}

function unsettable(name: string, why: string): CommandError {
  return new CommandError(`Cannot set ${name}: its value ${why}; set it in Supabase's dashboard, leave it out here`);
}

/**
 * Takes values out of what others print.
 *
 * @param text The text.
 * @param secrets The variables.
 * @returns The text, with a name in place of each value. A short one, such as `true`, is no secret.
 */
export function withoutSecrets(text: string, secrets: Secrets): string {
  const shown = Object.entries(secrets).flatMap(([name, value]) => formsOf(value).map((form) => [name, form] as const));
  // One may be a part of another.
  shown.sort(([, one], [, other]) => other.length - one.length);
  return shown.reduce((rest, [name, form]) => rest.replaceAll(form, `<${name}>`), text);
}

/** A value and its lines: as they are, in a JSON text, and in a JSON text that another one quotes. */
function formsOf(value: string): string[] {
  const plain = [value, ...value.split("\n").map((line) => line.trim())].filter((text) => text.length >= 8);
  const escape = (text: string) => JSON.stringify(text).slice(1, -1);
  return [...new Set(plain.flatMap((text) => [text, escape(text), escape(escape(text))]))];
}
