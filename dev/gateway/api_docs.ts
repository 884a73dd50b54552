/**
 * `/docs`: a viewer of the functions' OpenAPI document, which calls them as the user who signed in last. All files
 * come from a package on this machine, and the page's policy blocks every other source.
 *
 * @module
 */
import type { SignedInUser } from "../clerk/latest_user.ts";
import { readNpmFile } from "../npm_files.ts";

/** The package's files that the page needs, with their content types. */
const ASSETS: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

const DOCS_HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Functions</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" href="/docs/favicon-32x32.png">
  </head>
  <body>
    <p id="caller" role="status" style="margin: 1rem auto; max-width: 1460px; padding: 0 20px; font: 1rem sans-serif"></p>
    <div id="viewer"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** Returns the user who calls the functions; undefined before the first sign-up and with a real Clerk instance. */
export type ReadCaller = () => Promise<SignedInUser | undefined>;

/** The viewer sets inline styles and embeds its icons in the style sheet. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const START = new URL("api_docs_start.js", import.meta.url);

/**
 * Answers a request for the viewer.
 *
 * @param path The request's path: `/docs` or below.
 * @param readCaller Returns the caller; undefined if the request may not see it.
 * @returns The page or one of its files; 404 for another path.
 */
export async function serveApiDocs(path: string, readCaller: ReadCaller | undefined): Promise<Response> {
  if (path === "/docs" || path === "/docs/") return answer(DOCS_HTML, "text/html; charset=utf-8");
  const name = path.slice("/docs/".length);
  if (name === "start.js") return answer(await Deno.readFile(START), "text/javascript; charset=utf-8");
  if (name === "caller.json" && readCaller) {
    return answer(JSON.stringify(await readCaller() ?? null), "application/json");
  }
  if (!Object.hasOwn(ASSETS, name)) return answer("Not found\n", "text/plain; charset=utf-8", 404);
  return answer(await readNpmFile({ packageName: "swagger-ui-dist", path: name }), ASSETS[name]!);
}

function answer(body: string | Uint8Array<ArrayBuffer>, type: string, status = 200): Response {
  return new Response(body, {
    status,
    headers: {
      "content-type": type,
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "cache-control": type === "application/json" ? "no-store" : "no-cache",
    },
  });
}
