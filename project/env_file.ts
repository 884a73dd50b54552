/**
 * The one reader of env files. Every command that reads `supabase/functions/.env`, or another file of variables, uses
 * it, so all of them see the same variables.
 *
 * @module
 */
import { parseEnv } from "node:util";

/** Byte order marks of other encodings. PowerShell writes UTF-16 by default. */
const ENCODINGS: ReadonlyArray<[mark: readonly number[], encoding: string]> = [
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/**
 * Reads an env file.
 *
 * @param file The file.
 * @returns Its variables, including empty ones; none if the file does not exist.
 */
export async function readEnvFile(file: URL): Promise<Record<string, string>> {
  try {
    return parseEnvFile(await Deno.readFile(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/**
 * Parses the content of an env file: names with or without `export`, values with or without quotes, comments, all line
 * ends, and byte order marks of editors.
 *
 * @param bytes The content.
 * @returns Its variables.
 */
export function parseEnvFile(bytes: Uint8Array): Record<string, string> {
  const encoding = ENCODINGS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte))?.[1] ?? "utf-8";
  const text = new TextDecoder(encoding).decode(bytes)
    // The decoder drops the mark at the start, but a concatenated file has another one inside.
    .replaceAll("\uFEFF", "")
    // In a multi-line value, such as a PEM key, a carriage return belongs to the line end.
    .replaceAll(/\r\n?/g, "\n");
  return { ...parseEnv(text) } as Record<string, string>;
}
