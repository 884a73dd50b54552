/**
 * Finds a project's settings for functions of the bundle that must be changed, with their lines.
 *
 * @module
 */
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";

/** Why a setting must be changed or removed. */
const FAULTS: Record<string, string> = {
  entrypoint: "the bundle's function begins in its own index.ts",
  import_map: "the bundle's function has its own deno.json, which names the import map",
  static_files: "the bundle's function has no such files",
  env: "variables are set in supabase/functions/.env and by supabase secrets set",
};

/** A setting that must be changed or removed. */
export interface SettingFault {
  name: string;
  /** Undefined for a missing `verify_jwt`. */
  key: string | undefined;
  advice: string;
}

/**
 * Judges a function's settings. Only `verify_jwt = false` and the default `enabled = true` are allowed.
 *
 * @param name The function.
 * @param settings The content of `[functions.<name>]`.
 * @returns The settings to change; empty if there are none.
 */
export function judgeSettings(name: string, settings: unknown): SettingFault[] {
  if (!isObject(settings)) return [{ name, key: undefined, advice: `write it as a section [functions.${name}]` }];
  const faults = Object.entries(settings).flatMap(([key, value]) => {
    const advice = adviceFor(name, key, value);
    return advice === undefined ? [] : [{ name, key, advice }];
  });
  if ("verify_jwt" in settings) return faults;
  return [{ name, key: undefined, advice: `add verify_jwt = false, because ${refusal(name)}` }, ...faults];
}

function adviceFor(name: string, key: string, value: unknown): string | undefined {
  if (key === "verify_jwt") {
    return value === false ? undefined : `change it to verify_jwt = false, because ${refusal(name)}`;
  }
  if (key === "enabled") return value === true ? undefined : "remove it, because the function would not be deployed";
  return `remove it, because ${FAULTS[key] ?? "the bundle's function does not use this setting"}`;
}

function refusal(name: string): string {
  return name === "clerk-webhook"
    ? "the platform would answer every webhook with 401"
    : "the platform would answer every call with 401";
}

/**
 * Describes faults, each with its line in the file. Values are left out: they may be secrets.
 *
 * @param text The file.
 * @param faults The settings to change.
 * @returns Lines.
 */
export function describeFaults(text: string, faults: readonly SettingFault[]): string[] {
  const places = findSettings(text);
  return faults.map(({ name, key, advice }) => {
    const section = `functions.${name}`;
    const line = places.get(key === undefined ? section : `${section}.${key}`) ?? places.get(section);
    const what = key === undefined ? `[${section}]` : `[${section}] ${key}`;
    return `  ${line === undefined ? "" : `line ${line}: `}${what}: ${advice}`;
  });
}

/** A bare or quoted key of TOML. */
const PART = String.raw`(?:[\w-]+|"[^"\n]*"|'[^'\n]*')`;
const PATH = String.raw`${PART}(?:\s*\.\s*${PART})*`;
const HEADER = new RegExp(String.raw`^\s*\[\s*(${PATH})\s*\]`);
const ENTRY = new RegExp(String.raw`^\s*(${PATH})\s*=`);

/** Finds the line of each section and setting, by its full path. It does not skip multi-line strings. */
function findSettings(text: string): Map<string, number> {
  const places = new Map<string, number>();
  let section: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [, header] = HEADER.exec(line) ?? [];
    const [, entry] = ENTRY.exec(line) ?? [];
    if (header !== undefined) section = partsOf(header);
    const path = header === undefined ? entry && [...section, ...partsOf(entry)] : section;
    if (!path) continue;
    // In `[functions]`, a key `own.verify_jwt` is also a line of `functions.own`.
    for (let length = path.length; length > 1; length--) {
      const key = path.slice(0, length).join(".");
      if (!places.has(key)) places.set(key, index + 1);
    }
  }
  return places;
}

function partsOf(path: string): string[] {
  return [...path.matchAll(new RegExp(PART, "g"))].map(([part]) => part.replace(/^(["'])(.*)\1$/, "$2"));
}
