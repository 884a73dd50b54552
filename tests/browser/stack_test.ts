/** The local stack's own pages, and pages on another name of this machine, in Chromium. */
import { assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import type { Page } from "playwright-core";
import { closeBrowser, withPage } from "../../tools/browser/chromium.ts";
import { open, signUp, warmUp } from "../../tools/browser/demo_page.ts";
import { browserTestsOf } from "../helpers/browser.ts";
import { type ClerkJs, serveClerkPage } from "../helpers/clerk/clerk_page.ts";
import { openBrowser } from "../helpers/clerk/frontend_browser.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { startTestStack } from "../helpers/stack/stack.ts";

declare const Clerk: ClerkJs;

const stack = await startTestStack({}, { embedded: true });
await warmUp(stack);
const server = await serveClerkPage(stack);
const test = browserTestsOf("the local stack in a browser: ");

const PASSWORD = "correct horse battery";
const load = (page: Page) => page.evaluate(() => Clerk.load({ telemetry: false }));
const userOf = (page: Page) => page.evaluate(() => Clerk.user?.id ?? null);

/** Signs up with clerk-js; returns the user's id. */
const enter = (page: Page, emailAddress: string) =>
  page.evaluate(async (input) => {
    const { createdSessionId } = await Clerk.client.signUp.create({ ...input, firstName: "Ada" });
    await Clerk.setActive({ session: createdSessionId });
    return Clerk.user!.id;
  }, { emailAddress, password: PASSWORD });

test("a page on localhost signs up, stays signed in and gets tokens although the simulator is on 127.0.0.1", () =>
  withPage(async (page) => {
    const url = server.url.replace("127.0.0.1", "localhost");
    await page.goto(url);
    await load(page);
    const id = await enter(page, "localhost@example.com");
    await page.reload();
    await load(page);
    assertEquals(await userOf(page), id);
    const token = await page.evaluate(() => Clerk.session!.getToken({ skipCache: true }));
    const { sub, azp, iss } = decodeJwt(token!);
    assertEquals([sub, azp, iss], [id, url, stack.clerkUrl]);

    // As after a restart without --persist: the browser has a cookie that the simulator no longer knows.
    stack.clerk.state.clients.clear();
    stack.clerk.state.sessions.clear();
    await page.reload();
    await load(page);
    assertEquals(await userOf(page), null);
    const again = await enter(page, "localhost.again@example.com");
    await page.reload();
    await load(page);
    assertEquals(await userOf(page), again);
  }));

test("the demo page shows the database's tables and renders markup in them as text", () =>
  withPage(async (page) => {
    await open(page, stack.url);
    await signUp(page, { name: "<b>Ada</b>", email: "tables@example.com" });
    await page.getByText("Tables of the database").click();
    await page.getByRole("cell", { name: "<b>Ada</b>" }).first().waitFor();
    assertEquals(await page.locator("#table-rows b").count(), 0);
    await stack.database.script(
      "insert into public.resumes (user_id, title) select id, 'By SQL' from public.users limit 1",
    );
    await page.locator("#table-name").selectOption("resumes");
    await page.getByRole("cell", { name: "By SQL" }).waitFor();
    await page.getByText("1 row", { exact: true }).waitFor();
    await stack.database.script("delete from public.resumes");
    await page.getByRole("button", { name: "Read again" }).click();
    await page.getByText("0 rows", { exact: true }).waitFor();
  }));

test("/docs calls functions as the user who signed in last, even after a token has expired", () =>
  withPage(async (page) => {
    const form = { email_address: "docs@example.com", password: PASSWORD };
    assertEquals((await openBrowser({ url: stack.clerkUrl }).send("POST", "/client/sign_ups", form)).status, 200);
    await page.clock.install();
    await page.goto(`${stack.url}/docs`);
    await page.getByText("Calls carry a session token of docs@example.com").waitFor();
    await page.locator("#operations-profile-getProfile").click();
    await page.getByRole("button", { name: "Try it out" }).click();
    await page.getByRole("button", { name: "Execute" }).click();
    await page.locator(".live-responses-table", { hasText: "docs@example.com" }).waitFor();
    const sent = async () => {
      const [request] = await Promise.all([
        page.waitForRequest(`${stack.url}/functions/v1/profile`),
        page.getByRole("button", { name: "Execute" }).click(),
      ]);
      return request.headers().authorization;
    };
    const first = await sent();
    await page.clock.fastForward(31_000);
    assertEquals(await sent() === first, false);
  }));

testsOf("the local stack in a browser: ")("everything that was started is stopped", async () => {
  await closeBrowser();
  await server.close();
  await stack.stop();
});
