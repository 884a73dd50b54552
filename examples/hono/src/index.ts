import { clerkMiddleware, getAuth } from "@clerk/hono";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { guestPage, memberPage } from "./pages.ts";
import { readCaller } from "./supabase.ts";

const app = new Hono();

app.use(
  clerkMiddleware({
    // The local stack's Clerk simulator, under /__clerk of this server. Not set with a real Clerk instance.
    frontendApiProxy: { enabled: process.env.CLERK_FAPI_URL !== undefined },
  }),
);

/** For front ends on other origins and for servers: `Authorization: Bearer <session token>`. */
app.get("/api/me", async (c) => {
  const { userId, getToken } = getAuth(c);
  return userId ? c.json(await readCaller(getToken)) : c.json({ error: "Sign in first" }, 401);
});

/** For browsers: Clerk's cookies of this origin carry the session token. */
app.get("/", async (c) => {
  const { userId, getToken } = getAuth(c);
  return c.html(userId ? memberPage(await readCaller(getToken)) : guestPage("SignIn"));
});

app.get("/sign-up", (c) => c.html(guestPage("SignUp")));

serve(
  { fetch: app.fetch, hostname: process.env.HOST ?? "localhost", port: Number(process.env.PORT ?? 3001) },
  ({ port }) => console.log(`Ready on http://localhost:${port}`),
);
