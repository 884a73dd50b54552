/** `examples/nextjs`: a server component and a client component read as the user, in Chromium. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { rename, signIn, signOut, signUp } from "../helpers/apps/components.ts";
import { buildExample } from "../helpers/apps/app.ts";
import { exampleTestsOf } from "../helpers/apps/example.ts";
import {
  deleteUser,
  expectRefusals,
  foreignOrigins,
  handshakeReason,
  loadWithExpiredToken,
  sees,
} from "../helpers/apps/pages.ts";

const { test, finish } = exampleTestsOf("Next.js", "nextjs");

test("a user signs up, edits the profile, signs out and signs in", async (page, { app }, visit) => {
  const email = "walk@example.com";
  await page.goto(`${app.url}/sign-up`);
  await signUp(page, email);
  await sees(page, "server-profile", { email });
  await sees(page, "row", { email, first_name: null });

  await rename(page, "Augusta");
  await sees(page, "row", { first_name: "Augusta" });
  await page.reload();
  await sees(page, "server-row", { first_name: "Augusta" });

  await signOut(page);
  await page.getByText("You are signed out").waitFor();
  await page.goto(`${app.url}/sign-in`);
  await signIn(page, email);
  await sees(page, "server-profile", { email });
  assertEquals(foreignOrigins(visit), []);
  expectRefusals(visit);
});

test("a page load with an expired token is answered after a handshake", async (page, { app, stack }) => {
  const email = "expired@example.com";
  await page.goto(`${app.url}/sign-up`);
  await signUp(page, email);
  await sees(page, "server-profile", {});
  const answers = await loadWithExpiredToken(page, stack);
  assertEquals(answers[0]!.status(), 307);
  assertMatch(handshakeReason(answers[0]!)!, /^session-token-expired/);
  // The server's own answer has the row: the page's scripts have not run in it.
  assertStringIncludes(await answers.at(-1)!.text(), email);
});

test("a user whom the Backend API deletes is signed out", async (page, { app, stack }, visit) => {
  await page.goto(`${app.url}/sign-up`);
  await signUp(page, "gone@example.com");
  const { clerk_user_id: id } = await sees(page, "server-profile", {});
  await deleteUser(page, stack, id);
  await page.reload();
  await page.getByText("You are signed out").waitFor();
  expectRefusals(visit);
});

finish();

// Without Chromium, and after the app has stopped.
Deno.test("Next.js: the app builds with a real Clerk instance's variables", async () => {
  assertEquals(await buildExample("nextjs"), "");
});
