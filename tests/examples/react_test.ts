/** `examples/react`: Clerk's prebuilt components on the local stack, in Chromium. */
import { clerk, clerkSetup, setupClerkTestingToken } from "@clerk/testing/playwright";
import { assertEquals, assertMatch } from "@std/assert";
import { createOrganization, PASSWORD, rename, signIn, signOut, signUp, switchTo } from "../helpers/apps/components.ts";
import { buildExample } from "../helpers/apps/app.ts";
import { exampleTestsOf } from "../helpers/apps/example.ts";
import { createUser } from "../helpers/clerk/clerk.ts";
import { deleteUser, expectRefusals, foreignOrigins, refreshToken, sees } from "../helpers/apps/pages.ts";

const { test, finish } = exampleTestsOf("React", "react");

test("a user signs up, edits the profile, signs out and signs in", async (page, { app }, visit) => {
  const email = "walk@example.com";
  await page.goto(`${app.url}/sign-up`);
  await signUp(page, email);
  await sees(page, "profile", { email, first_name: null });
  await sees(page, "row", { email, first_name: null });

  await rename(page, "Augusta");
  await sees(page, "row", { first_name: "Augusta" });

  await signOut(page);
  await signIn(page, email);
  await sees(page, "profile", { email, first_name: "Augusta" });
  assertEquals(foreignOrigins(visit), []);
  expectRefusals(visit);
});

test("a user whom the Backend API deletes is signed out", async (page, { app, stack }, visit) => {
  await page.goto(`${app.url}/sign-up`);
  await signUp(page, "gone@example.com");
  const { clerk_user_id: id } = await sees(page, "profile", {});
  await deleteUser(page, stack, id);
  await refreshToken(page);
  await page.getByLabel("Email address").waitFor();
  expectRefusals(visit);
});

test("a user creates an organization, and switches to the personal account and back", async (page, { app }) => {
  await page.goto(`${app.url}/sign-up`);
  await signUp(page, "team@example.com");
  const organizations = page.getByTestId("organizations");
  await createOrganization(page, "Analysts");
  await organizations.getByText("Analysts (active)").waitFor();
  await switchTo(page, "Personal account");
  await organizations.getByText("Analysts", { exact: true }).waitFor();
  await switchTo(page, "Analysts");
  await organizations.getByText("Analysts (active)").waitFor();
});

test("@clerk/testing sets itself up, signs a user in and out", async (page, { app, stack, recorder }) => {
  const identifier = "tested@example.com";
  await createUser(stack, identifier, { password: PASSWORD });
  const { publishableKey, secretKey } = await stack.appSettings();
  Deno.env.set("CLERK_API_URL", recorder.url);
  await clerkSetup({ publishableKey, secretKey: secretKey!, dotenv: false });
  assertMatch(Deno.env.get("CLERK_TESTING_TOKEN") ?? "", /./);
  // Its types are those of another package of Playwright.
  const anyPage = page as never;
  await page.goto(app.url);
  await setupClerkTestingToken({ page: anyPage });
  await clerk.signIn({ page: anyPage, signInParams: { strategy: "password", identifier, password: PASSWORD } });
  await sees(page, "profile", { email: identifier });
  await clerk.signOut({ page: anyPage });
  await page.getByLabel("Email address").waitFor();
});

finish();

// Without Chromium, and after the app has stopped.
Deno.test("React: the app builds with a real Clerk instance's variables", async () => {
  assertEquals(await buildExample("react"), "");
});
