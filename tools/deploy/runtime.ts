/**
 * Checks uploads with the Edge Runtime's Deno: which files the entry point reaches, which imports it cannot resolve,
 * and which types it does not know. An API that only newer versions have causes a type error or an unsupported import.
 *
 * @module
 */
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { standInLinks } from "../../project/jsr/config.ts";
import { RUNTIME_DENO_VERSION, runtimeDeno } from "../../project/runtime_deno.ts";
import { runCommand } from "../../project/supabase_cli.ts";
import type { DeployedFunction } from "./function_routes.ts";
import { configOf, type ExtraConfig, mapsOf, withUploads } from "./upload.ts";

/** The resolved imports of an upload. */
export interface Resolved {
  /** The files that the entry point reaches, including itself. */
  reached: Set<string>;
  problems: string[];
}

/** The checks of the Edge Runtime's Deno. */
export interface Runtime {
  resolve: (upload: DeployedFunction) => Promise<Resolved>;
  /** Returns the type errors of uploads from one project. */
  checkTypes: (uploads: readonly DeployedFunction[]) => Promise<string[]>;
}

/** Finds that Deno, and the stand-ins for JSR that it needs here. */
export async function openRuntime(): Promise<Runtime> {
  const deno = await runtimeDeno();
  const links = await standInLinks({ executable: deno, version: RUNTIME_DENO_VERSION });
  return {
    resolve: (upload) => withUploads([upload], (folder) => resolve(deno, folder, upload, links)),
    checkTypes: async (uploads) => {
      const problems = [];
      // One type check covers all functions with the same import map, and takes as long as for one of them.
      for (const group of Map.groupBy(uploads.filter(hasTypes), mapsKey).values()) {
        problems.push(...await withUploads(group, (folder) => checkTypes(deno, folder, group, links)));
      }
      return problems;
    },
  };
}

async function resolve(
  deno: string,
  folder: string,
  upload: DeployedFunction,
  links: ExtraConfig,
): Promise<Resolved> {
  const config = await configOf(folder, upload, links);
  const entry = `${folder}/${upload.metadata.entrypoint_path}`;
  const { code, stdout, stderr } = await runCommand(deno, { folder, env: ENV }, ["info", ...config, "--json", entry]);
  const graph = parseJson(stdout);
  if (code !== 0 || !isObject(graph) || !Array.isArray(graph.modules)) {
    return { reached: new Set(), problems: [firstLine(stderr)] };
  }
  const modules = graph.modules.filter(isObject);
  const root = `file://${folder}/`;
  const inside = modules.map(({ specifier }) => String(specifier)).filter((specifier) => specifier.startsWith(root));
  return {
    reached: new Set(inside.map((specifier) => decodeURIComponent(specifier.slice(root.length)))),
    problems: modules.flatMap(errorsOf).map((error) => firstLine(error).replaceAll(root, "")),
  };
}

/** Collects the errors of a module and of its imports. */
function errorsOf(module: Record<string, unknown>): string[] {
  const { error, dependencies } = module;
  const imports = Array.isArray(dependencies) ? dependencies.filter(isObject) : [];
  const resolutions = imports.flatMap(({ code, type }) => [code, type]).filter(isObject);
  return [error, ...resolutions.map((resolution) => resolution.error)].filter((text) => typeof text === "string");
}

async function checkTypes(
  deno: string,
  folder: string,
  uploads: readonly DeployedFunction[],
  links: ExtraConfig,
): Promise<string[]> {
  const config = await configOf(folder, uploads[0]!, links);
  const entries = uploads.map(({ metadata }) => `${folder}/${metadata.entrypoint_path}`);
  const { code, stderr } = await runCommand(deno, { folder, env: ENV }, ["check", ...config, ...entries]);
  if (code === 0) return [];
  const errors = [...stderr.matchAll(/TS\d+ \[ERROR\]: (.*)[^]*?\n\s+at file:\/\/(\S+?):(\d+):\d+/g)];
  if (errors.length === 0) return [firstLine(stderr).replaceAll(`file://${folder}/`, "")];
  return errors.map(([, message, file, line]) => `${file!.replace(`${folder}/`, "")}:${line}: ${message}`);
}

const ENV = { NO_COLOR: "1", RUST_BACKTRACE: "0", DENO_NO_PACKAGE_JSON: "1", DENO_NO_UPDATE_CHECK: "1" };

/** Returns the configuration of an upload; bundles have none. */
function hasTypes({ files }: DeployedFunction): boolean {
  return [...files.keys()].some((path) => /\.[mc]?tsx?$/.test(path));
}

function mapsKey(upload: DeployedFunction): string {
  const decoder = new TextDecoder();
  const [config = "", named = ""] = mapsOf(upload);
  return JSON.stringify([decoder.decode(upload.files.get(config)), named]);
}

/** Returns the first error line, and skips Deno's progress. */
function firstLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.find((line) => line.startsWith("error")) ?? lines[0] ?? "";
}
