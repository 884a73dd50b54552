/** `examples/react`: Clerk's prebuilt components on the local stack, in Chromium. */
import { assertEquals } from "@std/assert";
import { createOrganization, rename, signIn, signOut, signUp, switchTo } from "../helpers/apps/components.ts";
import { exampleTestsOf } from "../helpers/apps/example.ts";
import { request } from "../helpers/clerk/clerk.ts";
import { expectGone, foreignOrigins, sees } from "../helpers/apps/pages.ts";

const { test, finish } = exampleTestsOf("React: ", "react");

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
});

test("a user whom the Backend API deletes is signed out", async (page, { app, stack }, visit) => {
  await page.goto(`${app.url}/sign-up`);
  await signUp(page, "gone@example.com");
  const { clerk_user_id: id } = await sees(page, "profile", {});
  await request(stack, "DELETE", `/v1/users/${id}`);
  await page.reload();
  await page.getByLabel("Email address").waitFor();
  expectGone(visit);
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

finish();
