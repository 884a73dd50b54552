/**
 * Serves the scripts that Clerk's SDKs load from the Frontend API: clerk-js, its components and their chunks.
 *
 * @module
 */
import { CLERK_JS, CLERK_UI, type NpmFile, readNpmFile } from "../../npm_files.ts";
import { ClerkError } from "../errors.ts";
import { type Route, route } from "../http.ts";
import { FRONTEND_PATH } from "./path.ts";

/** Packages by name without `@clerk/`. Their files for browsers are next to their main modules. */
const PACKAGES: Readonly<Record<string, NpmFile>> = { "clerk-js": CLERK_JS, ui: CLERK_UI };

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  map: "application/json",
};

/** A plain file name without a folder. */
const NAME = /^[\w-]+(?:\.[\w-]+)*\.(js|mjs|css|map)$/;

/**
 * Returns the routes of the scripts. The path may name any version, such as `6` or `latest`; the response is always the
 * version that is tested here.
 *
 * @returns The routes.
 */
export function assetRoutes(): Route[] {
  return [
    route("GET", `${FRONTEND_PATH}/npm/@clerk/:package/dist/:file`, async ({ package: name = "", file = "" }) => {
      const extension = NAME.exec(file)?.[1];
      const content = extension && await readAsset(name.replace(/@.*/, ""), file);
      if (!content) throw new ClerkError(404, "resource_not_found", `Clerk's package ${name} has no file dist/${file}`);
      return new Response(content, {
        // The chunks' names contain a version and a hash, but the name of the entry script does not.
        headers: {
          "content-type": TYPES[extension]!,
          "cache-control": "no-cache",
          "x-content-type-options": "nosniff",
        },
      });
    }),
  ];
}

async function readAsset(name: string, file: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const asset = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined;
  if (!asset) return undefined;
  try {
    return await readNpmFile({ ...asset, path: file });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
