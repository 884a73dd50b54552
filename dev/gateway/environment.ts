/**
 * The `.env` files that `supabase functions serve` reads: one for all functions, one for each.
 *
 * @module
 */
import { parseEnv } from "node:util";
import { ROOT } from "../project.ts";

/**
 * Reads what a function gets from files. Names beginning with `SUPABASE_` belong to the platform and are passed
 * over; an empty value counts as none, so that a copied `.env.example` changes nothing.
 *
 * @param name The function.
 * @param root The repository.
 * @returns Its variables.
 */
export async function readFunctionVariables(name: string, root: URL = ROOT): Promise<Record<string, string>> {
  const folder = new URL("supabase/functions/", root);
  const files = await Promise.all([".env", `${name}/.env`].map((path) => readVariables(new URL(path, folder))));
  const entries = files.flatMap((variables) => Object.entries(variables));
  return Object.fromEntries(entries.filter(([key, value]) => !key.startsWith("SUPABASE_") && value !== ""));
}

async function readVariables(file: URL): Promise<Record<string, string>> {
  try {
    return parseEnv(await Deno.readTextFile(file)) as Record<string, string>;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
