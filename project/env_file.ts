/**
 * The one reader of env files. Every command that reads `supabase/functions/.env`, or another file of variables, reads
 * it here, so all of them see the same variables.
 *
 * @module
 */
import { parseEnv } from "node:util";

/** The first bytes of files in other encodings. PowerShell writes UTF-16 unless told otherwise. */
const ENCODINGS: ReadonlyArray<[mark: readonly number[], encoding: string]> = [
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/**
 * Reads an env file.
 *
 * @param file The file.
 * @returns Its variables, the empty ones included; none if there is no such file.
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
 * Parses the content of an env file: names with or without `export`, values with or without quotes, comments, any line
 * ends, and any byte order mark that an editor puts before the first name.
 *
 * @param bytes The content.
 * @returns Its variables.
 */
export function parseEnvFile(bytes: Uint8Array): Record<string, string> {
  const encoding = ENCODINGS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte))?.[1] ?? "utf-8";
  const text = new TextDecoder(encoding).decode(bytes)
    // The decoder drops the mark at the start; a file that was appended to another one brings its own along.
    .replaceAll("\uFEFF", "")
    // A carriage return in a value of several lines, such as a PEM key, belongs to the line end.
    .replaceAll(/\r\n?/g, "\n");
  return { ...parseEnv(text) } as Record<string, string>;
}
