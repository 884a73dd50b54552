/**
 * `/docs`: a viewer of the functions' OpenAPI document. Everything comes from the package on this machine, and the
 * page may load nothing from elsewhere.
 *
 * @module
 */
import { readNpmFile } from "../npm_files.ts";

/** The files of the package that the page needs, and their types. */
const ASSETS: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Functions</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" href="/docs/favicon-32x32.png">
  </head>
  <body>
    <div id="viewer"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** A file of its own, because the policy allows no script in the page. */
const START =
  `SwaggerUIBundle({ url: "/functions/v1/openapi", dom_id: "#viewer", deepLinking: true, validatorUrl: null });\n`;

/** The viewer sets styles on its elements, and has its icons in the style sheet. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Answers for the viewer.
 *
 * @param path The request's path, `/docs` and below.
 * @returns The page, one of its files, or 404.
 */
export async function serveApiDocs(path: string): Promise<Response> {
  if (path === "/docs" || path === "/docs/") return answer(PAGE, "text/html; charset=utf-8");
  const name = path.slice("/docs/".length);
  if (name === "start.js") return answer(START, "text/javascript; charset=utf-8");
  if (!Object.hasOwn(ASSETS, name)) return answer("Not found\n", "text/plain; charset=utf-8", 404);
  return answer(await readNpmFile({ packageName: "swagger-ui-dist", path: name }), ASSETS[name]!);
}

function answer(body: string | Uint8Array<ArrayBuffer>, type: string, status = 200): Response {
  return new Response(body, {
    status,
    headers: { "content-type": type, "content-security-policy": POLICY, "x-content-type-options": "nosniff" },
  });
}
