import { html } from "hono/html";
import type { readCaller } from "./supabase.ts";

const publishableKey = process.env.CLERK_PUBLISHABLE_KEY!;
/** "/__clerk" on the local stack. Not set with a real Clerk instance, whose scripts are on the host in its key. */
const proxyUrl = process.env.CLERK_PROXY_URL;
const scripts = proxyUrl ?? `https://${Buffer.from(publishableKey.split("_")[2]!, "base64").toString().slice(0, -1)}`;
const telemetryDisabled = process.env.CLERK_TELEMETRY_DISABLED === "1";

const page = (body: unknown, ready: string) =>
  html`
    <!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>Clerk and Supabase in Hono</title>
      <link rel="icon" href="data:," />
      <style>
        body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 14px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
        #clerk { display: grid; justify-items: center; }
        pre { padding: 1rem; overflow: auto; background: #f4f4f8; }
      </style>
      <div id="clerk"></div>
      ${body}
      <script src="${scripts}/npm/@clerk/ui@1/dist/ui.browser.js"></script>
      <script
        src="${scripts}/npm/@clerk/clerk-js@6/dist/clerk.browser.js"
        data-clerk-publishable-key="${publishableKey}"
        ${proxyUrl ? html`data-clerk-proxy-url="${proxyUrl}"` : ""}
      ></script>
      <script type="module">
        await Clerk.load({
          ui: { ClerkUI: __internal_ClerkUICtor },
          signInUrl: "/",
          signUpUrl: "/sign-up",
          telemetry: { disabled: ${String(telemetryDisabled)} },
        });
        Clerk.${ready}(document.getElementById("clerk"));
      </script>
    </html>
  `;

export const guestPage = (component: "SignIn" | "SignUp") => page("", `mount${component}`);

export const memberPage = ({ profile, row }: NonNullable<Awaited<ReturnType<typeof readCaller>>>) =>
  page(
    html`
      <h1>Hello, ${profile.first_name ?? profile.email}</h1>
      <h2>The profile function answers</h2>
      <pre data-testid="profile">${JSON.stringify(profile, null, 2)}</pre>
      <h2>Your row of public.users</h2>
      <pre data-testid="row">${JSON.stringify(row, null, 2)}</pre>
    `,
    "mountUserButton",
  );
