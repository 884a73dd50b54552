/**
 * The scripts that Clerk's SDKs load from the Frontend API: clerk-js, its components, and the chunks beside them.
 *
 * @module
 */
import { CLERK_JS, CLERK_UI, type NpmFile, readNpmFile } from "../../npm_files.ts";
import { ClerkError } from "../errors.ts";
import { type Route, route } from "../http.ts";
import { FRONTEND_PATH } from "./path.ts";

/** By the part of their names behind `@clerk/`. Their files for browsers are beside their main modules. */
const PACKAGES: Readonly<Record<string, NpmFile>> = { "clerk-js": CLERK_JS, ui: CLERK_UI };

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  map: "application/json",
};

/** A file's name and nothing else: no folder above or below. */
const NAME = /^[\w-]+(?:\.[\w-]+)*\.(js|mjs|css|map)$/;

/**
 * Makes the routes. A version may be anything, such as `6` or `latest`: the answer is always the one that is tried here.
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
        // The chunks' names carry a version and a hash, but the entry's does not.
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
  const asset = PACKAGES[name];
  if (!asset) return undefined;
  try {
    return await readNpmFile({ ...asset, path: file });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
