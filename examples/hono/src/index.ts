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
  const caller = await readCaller(getAuth(c));
  return caller ? c.json(caller) : c.json({ error: "Sign in first" }, 401);
});

/** For browsers: Clerk's cookies of this origin carry the session token. */
app.get("/", async (c) => {
  const caller = await readCaller(getAuth(c));
  return c.html(caller ? memberPage(caller) : guestPage("SignIn"));
});

app.get("/sign-up", (c) => c.html(guestPage("SignUp")));

const [hostname, port] = [process.env.HOST ?? "localhost", Number(process.env.PORT ?? 3001)];
serve({ fetch: app.fetch, hostname, port }, () => console.log(`Ready on http://${hostname}:${port}`));
