/** `examples/hono`: a server that knows its callers by Bearer tokens and by Clerk's cookies. */
import { assertEquals, assertMatch } from "@std/assert";
import { signIn, signOut, signUp } from "../helpers/apps/components.ts";
import { exampleTestsOf } from "../helpers/apps/example.ts";
import {
  deleteUser,
  expectRefusals,
  foreignOrigins,
  handshakeReason,
  loadWithExpiredToken,
  sees,
} from "../helpers/apps/pages.ts";
import { createToken, createUser } from "../helpers/clerk/clerk.ts";

const { test, finish } = exampleTestsOf("Hono", "hono");

test("a user signs up, sees what the server read, signs out and signs in", async (page, { app }, visit) => {
  const email = "walk@example.com";
  await page.goto(`${app.url}/sign-up`);
  await signUp(page, email);
  await sees(page, "profile", { email });
  await sees(page, "row", { email });
  await signOut(page);
  await signIn(page, email);
  await sees(page, "profile", { email });
  assertEquals(foreignOrigins(visit), []);
});

test("a page load with an expired token is answered after a handshake", async (page, { app, stack }) => {
  await page.goto(`${app.url}/sign-up`);
  await signUp(page, "expired@example.com");
  await sees(page, "profile", {});
  const [first] = await loadWithExpiredToken(page, stack);
  assertEquals(first!.status(), 307);
  assertMatch(handshakeReason(first!)!, /^session-token-expired/);
  await sees(page, "row", { email: "expired@example.com" });
});

test("a user whom the Backend API deletes is signed out", async (page, { app, stack }, visit) => {
  await page.goto(`${app.url}/sign-up`);
  await signUp(page, "gone@example.com");
  const { clerk_user_id: id } = await sees(page, "profile", {});
  await deleteUser(page, stack, id);
  await page.reload();
  await page.getByLabel("Email address").waitFor();
  await loadWithExpiredToken(page, stack);
  await page.getByLabel("Email address").waitFor();
  expectRefusals(visit);
});

test("GET /api/me answers a Bearer token with the caller's row, and nobody else", async (_, { app, stack }) => {
  const email = "bearer@example.com";
  const token = await createToken(stack, await createUser(stack, email, { first_name: "Ada" }));
  const call = (headers: HeadersInit) => fetch(`${app.url}/api/me`, { headers });
  const answer = await call({ authorization: `Bearer ${token}` });
  const { profile, row } = await answer.json();
  assertEquals([profile.email, row.first_name], [email, "Ada"]);
  for (const headers of [{}, { authorization: "Bearer forged" }]) {
    const refused = await call(headers);
    assertEquals([refused.status, await refused.json()], [401, { error: "Sign in first" }]);
  }
});

finish();
