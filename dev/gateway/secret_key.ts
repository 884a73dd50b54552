/**
 * The local stack's secret key, which bypasses row level security. A constant key would let every web page that knows
 * it read and write the database.
 *
 * @module
 */
import { ProjectError } from "../../project/errors.ts";
import { keepText } from "../kept_file.ts";
import type { ProjectKeys } from "./data_api.ts";
import { isOwnPage } from "./own_page.ts";

const FORMAT = /^sb_secret_[A-Za-z0-9]{32}$/;

/** Returns a new random secret key. */
export function createSecretKey(): string {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const letters = Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => alphabet[byte % 62]);
  return `sb_secret_${letters.join("")}`;
}

/**
 * Reads the saved secret key, or creates one and saves it readable by this user only.
 *
 * @param file The file with the key.
 * @param isRenewed Whether to replace a saved key.
 * @returns The key.
 */
export async function readSecretKey(file: URL, isRenewed: boolean): Promise<string> {
  const key = (await keepText(file, isRenewed, createSecretKey)).trim();
  if (FORMAT.test(key)) return key;
  throw new ProjectError(
    `Cannot read the secret key in ${decodeURIComponent(file.pathname)}: not a key. --renew-keys makes a new one`,
  );
}

/**
 * Returns whether a page that is not the stack's own sends the secret key. The hosted platform accepts secret keys of
 * no browser.
 *
 * @param request The request.
 * @param keys The project's keys.
 * @param stackUrl The project's URL.
 * @returns Whether to refuse the request.
 */
export function leaksSecretKey(request: Request, { secret }: ProjectKeys, stackUrl: string): boolean {
  const { headers } = request;
  const sent = [headers.get("apikey"), headers.get("authorization"), new URL(request.url).searchParams.get("apikey")];
  return sent.some((value) => value?.includes(secret)) && !isOwnPage(request, stackUrl);
}
