/** Clerk's prebuilt components, loaded as the framework SDKs load them, take the simulator for Clerk. */
import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { closeBrowser, type Visit, withPage } from "../../tools/browser/chromium.ts";
import { browserTestsOf } from "../helpers/browser.ts";
import type { ClerkJs } from "../helpers/clerk/clerk_page.ts";
import { serveComponentsPage } from "../helpers/clerk/components_page.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

declare const Clerk: ClerkJs;

const stack = await startTestStack({});
const { url, close } = await serveComponentsPage(stack);
const test = browserTestsOf("components: ");

const PASSWORD = "correct horse battery";

const userOf = (page: Page) => page.evaluate(() => Clerk.user?.id ?? null);

test("SignUp, UserProfile and SignIn", () =>
  withPage(async (page) => {
    page.on("response", (r) => { if (r.url().includes("/v1/")) console.log(r.request().method(), r.status(), r.url().replace(/.*__clerk/, "").replace(/\?.*?(_method=\w+)?.*/, " $1"), r.request().postData()); });
    page.on("console", (m) => console.log(m.type(), m.text()));
    page.on("pageerror", (m) => console.log("PAGEERROR", m));
    await page.goto(`${url}/sign-up`);
    await page.waitForSelector("input[name=emailAddress]", { timeout: 20000 }).catch(() => 0);
    await page.screenshot({ path: "/tmp/fapi/signup.png" });
    await page.fill("input[name=emailAddress]", "components@example.com");
    await page.fill("input[name=password]", PASSWORD);
    await page.click("button.cl-formButtonPrimary");
    await eventually(async () => assertMatch(await userOf(page) ?? "", /^user_/));
    await page.goto(`${url}/user-profile`);
    await page.waitForTimeout(2000);
    await page.screenshot({ path: "/tmp/fapi/profile.png" });
    await page.click("text=Security").catch(() => 0);
    await page.waitForTimeout(1500);
    await page.screenshot({ path: "/tmp/fapi/security.png" });
    await page.evaluate(() => Clerk.signOut(() => {}));
    await page.goto(`${url}/sign-in`);
    await page.waitForSelector("input[name=identifier]");
    await page.screenshot({ path: "/tmp/fapi/signin.png" });
    await page.fill("input[name=identifier]", "components@example.com");
    await page.click("button.cl-formButtonPrimary");
    await page.waitForTimeout(1500);
    await page.screenshot({ path: "/tmp/fapi/signin2.png" });
  }));

testsOf("components: ")("everything that was started is stopped", async () => {
  await closeBrowser();
  await close();
  await stack.stop();
});
