/**
 * A page that shows Clerk's prebuilt components. Its scripts come from where the framework SDKs ask for them.
 *
 * @module
 */
import type { TestStack } from "../stack/stack.ts";
import type { ClerkPage } from "./clerk_page.ts";

/** What mounts a component, by the page's path. */
const COMPONENTS: Readonly<Record<string, string>> = {
  "/sign-up": "mountSignUp",
  "/sign-in": "mountSignIn",
  "/user-profile": "mountUserProfile",
};

/**
 * Serves the page on a port of its own.
 *
 * @param stack Whose simulator it uses.
 * @returns The page's server.
 */
export function serveComponentsPage({ clerk, clerkUrl }: TestStack): ClerkPage {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/favicon.ico") return new Response(null, { status: 204 });
    const mount = COMPONENTS[pathname] ?? "";
    return new Response(pageOf(clerk.variables.CLERK_PUBLISHABLE_KEY!, `${clerkUrl}/__clerk`, mount), {
      headers: { "content-type": "text/html" },
    });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}

function pageOf(publishableKey: string, frontendApi: string, mount: string): string {
  const packages = `${frontendApi}/npm/@clerk`;
  return `<!doctype html>
<title>components</title>
<div id="component"></div>
<script src="${packages}/ui@1/dist/ui.browser.js"></script>
<script
  src="${packages}/clerk-js@6/dist/clerk.browser.js"
  data-clerk-publishable-key="${publishableKey}"
  data-clerk-proxy-url="${frontendApi}"
></script>
<script>
  const load = Clerk.load({ telemetry: false, ui: { ClerkUI: window.__internal_ClerkUICtor } });
  if ("${mount}") load.then(() => Clerk["${mount}"](document.querySelector("#component")));
</script>
`;
}
