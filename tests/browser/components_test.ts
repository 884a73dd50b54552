/** Clerk's prebuilt components, loaded as the framework SDKs load them, work with the simulator as with Clerk. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { closeBrowser, type Visit, withPage } from "../../tools/browser/chromium.ts";
import { browserTestsOf } from "../helpers/browser.ts";
import type { ClerkJs } from "../helpers/clerk/clerk_page.ts";
import { serveComponentsPage } from "../helpers/clerk/components_page.ts";
import { codeTo, openBrowser } from "../helpers/clerk/frontend_browser.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

declare const Clerk: ClerkJs;

const stack = await startTestStack({});
const simulator = { url: stack.clerkUrl };
const page = serveComponentsPage(stack);
const test = browserTestsOf("components: ");
const testWithoutBrowser = testsOf("components: ");

const PASSWORD = "correct horse battery";
const CONTINUE = "button.cl-formButtonPrimary";

const userOf = (tab: Page) => tab.evaluate(() => Clerk.user?.id ?? null);
const signOut = (tab: Page) => tab.evaluate(() => Clerk.signOut(() => {}));

const signedIn = (tab: Page) => eventually(async () => assertMatch(await userOf(tab) ?? "", /^user_/));

/** Expects these error statuses in the console: the browser logs every error response, even if the page expects it. */
function expectRefusal({ errors }: Visit, status: number): void {
  const found = errors.splice(0);
  assertEquals(found.map((error) => Number(/status of (\d+)/.exec(error)?.[1] ?? error)), [status]);
}

async function signUp(tab: Page, email: string): Promise<void> {
  await tab.goto(`${page.url}/sign-up`);
  await tab.fill("input[name=emailAddress]", email);
  await tab.fill("input[name=password]", PASSWORD);
  await tab.click(CONTINUE);
}

test("SignUp signs up and SignIn signs in, step by step", () =>
  withPage(async (tab, visit) => {
    await signUp(tab, "steps@example.com");
    await signedIn(tab);
    const id = await userOf(tab);
    await signOut(tab);
    await tab.goto(`${page.url}/sign-in`);
    await tab.fill("input[name=identifier]", "nobody@example.com");
    await tab.click(CONTINUE);
    await tab.getByText("Couldn't find your account.").first().waitFor();
    expectRefusal(visit, 422);
    await tab.fill("input[name=identifier]", "steps@example.com");
    await tab.click(CONTINUE);
    await tab.getByText("Enter your password").first().waitFor();
    await tab.fill("input[name=password]", "wrong horse battery");
    await tab.click(CONTINUE);
    await tab.getByText("Password is incorrect").first().waitFor();
    expectRefusal(visit, 422);
    await tab.fill("input[name=password]", PASSWORD);
    await tab.click(CONTINUE);
    await signedIn(tab);
    assertEquals(await userOf(tab), id);
    assertEquals(visit.origins, new Set([page.url, stack.clerkUrl]));
  }));

test("SignUp asks for an address's code if the switch is on, and SignIn accepts a code instead of a password", () =>
  withPage(async (tab) => {
    await fetch(`${stack.clerkUrl}/dev/verify-at-sign-up?on=true`, { method: "POST" });
    try {
      await signUp(tab, "codes@example.com");
      await enterCode(tab, "codes@example.com");
      await signedIn(tab);
      await signOut(tab);
      await tab.goto(`${page.url}/sign-in`);
      await tab.fill("input[name=identifier]", "codes@example.com");
      await tab.click(CONTINUE);
      await tab.getByText("Use another method").click();
      const former = await codeTo(simulator, "codes@example.com");
      await tab.getByText("Email code to").click();
      await eventually(async () => assert(former !== await codeTo(simulator, "codes@example.com")));
      await enterCode(tab, "codes@example.com");
      await signedIn(tab);
    } finally {
      await fetch(`${stack.clerkUrl}/dev/verify-at-sign-up?on=false`, { method: "POST" });
    }
  }));

/** Enters a code; the form submits itself after the sixth digit. */
async function enterCode(tab: Page, address: string): Promise<void> {
  const input = tab.locator("input[autocomplete=one-time-code]");
  await input.waitFor();
  await eventually(async () => assertMatch(await codeTo(simulator, address), /^\d{6}$/));
  await input.pressSequentially(await codeTo(simulator, address));
}

test("UserProfile changes the name, adds an address, changes the password and deletes the account", () =>
  withPage(async (tab) => {
    await signUp(tab, "profile@example.com");
    await signedIn(tab);
    await tab.goto(`${page.url}/user-profile`);
    await tab.getByText("Update profile").click();
    await tab.fill("input[name=firstName]", "Ada");
    await tab.click(CONTINUE);
    await eventually(async () => assertEquals(await tab.evaluate(() => Clerk.user!.firstName), "Ada"));
    await tab.getByText("Add email address").click();
    await tab.fill("input[name=emailAddress]", "second+clerk_test@example.com");
    await tab.click(CONTINUE);
    await tab.locator("input[autocomplete=one-time-code]").pressSequentially("424242");
    const status = () => tab.evaluate(() => Clerk.user!.emailAddresses.map(({ verification }) => verification.status));
    await eventually(async () => assertEquals(await status(), ["verified", "verified"]));

    await tab.getByText("Security").click();
    await tab.getByText("This device").waitFor();
    await tab.getByText("Update password").click();
    await tab.fill("input[name=currentPassword]", PASSWORD);
    await tab.fill("input[name=newPassword]", "new horse battery");
    await tab.fill("input[name=confirmPassword]", "new horse battery");
    await tab.click(CONTINUE);
    const form = { identifier: "profile@example.com", password: "new horse battery" };
    const signIn = async () => (await openBrowser(simulator).send("POST", "/client/sign_ins", form)).status;
    await eventually(async () => assertEquals(await signIn(), 200));
    await tab.locator("input[name=newPassword]").waitFor({ state: "detached" });
    await tab.locator("button", { hasText: "Delete account" }).click();
    await tab.fill("input[name=deleteConfirmation]", "Delete account");
    await tab.locator("form").getByRole("button", { name: "Delete account" }).click();
    await eventually(async () => assertEquals(await userOf(tab), null));
  }));

testWithoutBrowser("the scripts are served under any version, and nothing else beside them", async () => {
  const load = async (path: string) => {
    const response = await fetch(`${stack.clerkUrl}/__clerk/npm/@clerk/${path}`);
    return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
  };
  for (const path of ["clerk-js@6/dist/clerk.browser.js", "ui@latest/dist/ui.browser.js"]) {
    const { status, type, text } = await load(path);
    assertEquals([status, type], [200, "text/javascript; charset=utf-8"], path);
    assert(text.length > 100_000, path);
  }
  const others = [
    "clerk-js@6/dist/types%2Findex.d.ts",
    "clerk-js@6/dist/clerk.browser.js.php",
    "backend@3/dist/index.js",
  ];
  const above = ["clerk-js@6/dist/..%2Fpackage.json", "clerk-js@6/dist/..%5Cpackage.json", "..%2Fui@1/dist/index.js"];
  for (const path of [...others, ...above, "ui@1/dist/unknown.js"]) assertEquals((await load(path)).status, 404, path);
});

testWithoutBrowser("everything that was started is stopped", async () => {
  await closeBrowser();
  await page.close();
  await stack.stop();
});
