/**
 * `/`: the demo page of `web/`, its packages and its settings. No other file is served, and the page's policy blocks
 * every other source.
 *
 * @module
 */
import { frontendApiUrl } from "../../supabase/functions/_clerk-supabase/formats/publishable_key.ts";
import { CLERK_JS, type NpmFile, readNpmFile, SUPABASE_JS } from "../npm_files.ts";
import { ROOT } from "../../project/root.ts";

/** Content types by file extension. */
const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  md: "text/plain; charset=utf-8",
  svg: "image/svg+xml",
};

const MODULES = [
  ...[
    "app.js",
    "clients.js",
    "dom.js",
    "guest.js",
    "member.js",
    "organization.js",
    "organizations.js",
    "replay.js",
    "resumes.js",
    "row.js",
  ],
  ...["simulator.js", "tables.js", "timeline.js", "words.js"],
];

/** Files of the repository by the path at which they are served. */
const FILES: Readonly<Record<string, string>> = {
  "/": "web/index.html",
  "/README.md": "README.md",
  ...Object.fromEntries(["icon.svg", "style.css", ...MODULES].map((name) => [`/web/${name}`, `web/${name}`])),
};

/** Files of packages, in their build for browsers, by the path at which they are served. */
const PACKAGES: Readonly<Record<string, NpmFile>> = {
  "/web/packages/clerk.js": CLERK_JS,
  "/web/packages/supabase.js": SUPABASE_JS,
};

/** The page's settings. They are public: never add a secret key here. */
export interface DemoSettings {
  /** The project's URL. */
  url: string;
  /** The project's publishable key. */
  publishableKey: string;
  clerk: {
    publishableKey: string;
    /** The URL of the simulator's Frontend API; null with a real Clerk instance, which clerk-js finds by the key. */
    proxyUrl: string | null;
    /** The simulator's URL; null with a real Clerk instance. */
    url: string | null;
  };
  /** The names of the project's functions. */
  functions: string[];
}

/** Answers a path; undefined if the path does not belong to the demo page. */
export type Demo = (path: string) => Promise<Response | undefined>;

/**
 * Returns the handler of the demo page.
 *
 * @param readSettings Returns the current settings.
 * @returns The handler.
 */
export function createDemo(readSettings: () => Promise<DemoSettings>): Demo {
  return async (path) => {
    if (path === "/config.json") {
      return Response.json(await readSettings(), { headers: { "cache-control": "no-store" } });
    }
    const body = await readBody(path);
    if (!body) return undefined;
    const policy = path === "/" ? pagePolicy((await readSettings()).clerk) : "default-src 'none'";
    return new Response(body, {
      headers: {
        "content-type": TYPES[(FILES[path] ?? path).split(".").pop()!]!,
        "content-security-policy": policy,
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      },
    });
  };
}

async function readBody(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Object.hasOwn(FILES, path)) return await Deno.readFile(new URL(FILES[path]!, ROOT));
  if (Object.hasOwn(PACKAGES, path)) return await readNpmFile(PACKAGES[path]!);
  return undefined;
}

/**
 * clerk-js refreshes its tokens in a worker created from a blob. A real Clerk instance also needs its own host and the
 * bot check's.
 */
function pagePolicy({ publishableKey, url }: DemoSettings["clerk"]): string {
  const bots = url === null ? ["https://challenges.cloudflare.com"] : [];
  const clerk = url ?? frontendApiUrl(publishableKey) ?? "'self'";
  return [
    ["default-src", "'none'"],
    ["script-src", "'self'", ...bots],
    ["style-src", "'self'"],
    ["img-src", "'self'", "data:"],
    ["connect-src", "'self'", clerk],
    ["worker-src", "blob:"],
    ["frame-src", ...bots],
    ["base-uri", "'none'"],
    ["form-action", "'self'"],
    ["frame-ancestors", "'none'"],
  ].map((directive) => directive.join(" ")).join("; ");
}
