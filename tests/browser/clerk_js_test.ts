/** The real clerk-js works with the simulator as with Clerk, and changes on a page reach the database. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeJwt } from "jose";
import type { Page } from "playwright-core";
import { closeBrowser, type Visit, withPage } from "../../tools/browser/chromium.ts";
import { browserTestsOf } from "../helpers/browser.ts";
import { request } from "../helpers/clerk/clerk.ts";
import { type ClerkJs, serveClerkPage } from "../helpers/clerk/clerk_page.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

declare const Clerk: ClerkJs;

const stack = await startTestStack({ "profile-later": { of: "profile", variables: {} } });
const page = await serveClerkPage(stack);
const proxied = await serveClerkPage(stack, true);
const test = browserTestsOf("clerk-js: ");

const PASSWORD = "correct horse battery";

const load = async (page: Page, url: string) => {
  await page.goto(url);
  await page.evaluate(() => Clerk.load({ telemetry: false }));
};

/** Signs up; returns the user's id or the code of the error. */
const signUp = (page: Page, emailAddress: string, password = PASSWORD): Promise<string> =>
  page.evaluate(async (input) => {
    try {
      const { createdSessionId } = await Clerk.client.signUp.create({ ...input, firstName: "Ada" });
      await Clerk.setActive({ session: createdSessionId });
      return Clerk.user!.id;
    } catch (error) {
      return (error as { errors: Array<{ code: string }> }).errors[0]!.code;
    }
  }, { emailAddress, password });

/** Signs in; returns the user's id or the code of the error. */
const signIn = (page: Page, identifier: string, password = PASSWORD): Promise<string> =>
  page.evaluate(async (input) => {
    try {
      const { createdSessionId } = await Clerk.client.signIn.create(input);
      await Clerk.setActive({ session: createdSessionId });
      return Clerk.user!.id;
    } catch (error) {
      return (error as { errors: Array<{ code: string }> }).errors[0]!.code;
    }
  }, { identifier, password });

const signOut = (page: Page) => page.evaluate(() => Clerk.signOut(() => {}));

const tokenOf = (page: Page, skipCache = false) =>
  page.evaluate((skipCache) => Clerk.session!.getToken({ skipCache }), skipCache) as Promise<string>;

const userOf = (page: Page) => page.evaluate(() => Clerk.user?.id ?? null);

/** Expects these error statuses in the console: the browser logs every error response, even if the page expects it. */
function expectRefusals({ errors }: Visit, ...statuses: number[]): void {
  assertEquals(errors.splice(0).map((error) => Number(/status of (\d+)/.exec(error)?.[1] ?? error)), statuses);
}

const rowsOf = async (id: string) => (await stack.admin.from("users").select().eq("clerk_user_id", id)).data!;

const profileOf = (token: string) => stack.call("profile", { headers: { authorization: `Bearer ${token}` } });

/** Returns the delivered webhooks about a user. */
async function deliveredOf(id: string): Promise<string[]> {
  const entries = await (await fetch(`${stack.clerkUrl}/dev/messages?user_id=${id}`)).json();
  const delivered = entries.filter(({ state }: { state: string }) => state === "delivered");
  return delivered.map(({ type }: { type: string }) => type);
}

const turn = async (path: string) => {
  const response = await fetch(`${stack.clerkUrl}/dev/${path}`, { method: "POST" });
  assertEquals(response.status, 200, await response.text());
};

for (const [kind, { url }] of [["on a port of its own", page], ["that proxies the Frontend API", proxied]] as const) {
  test(`a page ${kind} signs up, changes, signs out and in, and deletes its user`, () =>
    withPage(async (page, visit) => {
      const email = `walk${new URL(url).port}@example.com`;
      await load(page, url);
      const id = await signUp(page, email);
      assertMatch(id, /^user_/);
      await eventually(async () => assertEquals((await rowsOf(id))[0]?.first_name, "Ada"));

      const token = await tokenOf(page);
      const { sub, azp, iss, role } = decodeJwt(token);
      assertEquals([sub, azp, iss, role], [id, url, stack.clerkUrl, "authenticated"]);
      const fresh = await tokenOf(page, true);
      assert(fresh !== token);
      assertEquals(decodeJwt(fresh).azp, url);
      for (const one of [token, fresh]) assertEquals((await (await profileOf(one)).json()).email, email);

      await page.evaluate(() => Clerk.user!.update({ firstName: "Augusta" }));
      await page.evaluate(() => Clerk.user!.updateMetadata({ unsafeMetadata: { theme: "dark", beta: { on: true } } }));
      await page.evaluate(() => Clerk.user!.updateMetadata({ unsafeMetadata: { theme: null, beta: { of: 1 } } }));
      assertEquals(await page.evaluate(() => [Clerk.user!.firstName, Clerk.user!.unsafeMetadata]), [
        "Augusta",
        { beta: { on: true, of: 1 } },
      ]);
      await eventually(async () => assertEquals((await rowsOf(id))[0]?.first_name, "Augusta"));

      for (const order of ["late", "reversed", "twice"]) {
        await turn(`messages/replay?user_id=${id}&order=${order}`);
        assertEquals((await rowsOf(id))[0]?.first_name, "Augusta", order);
      }

      await signOut(page);
      assertEquals(await userOf(page), null);
      assertEquals(await signIn(page, email, "wrong password"), "form_password_incorrect");
      expectRefusals(visit, 422);
      assertEquals(await signIn(page, email.toUpperCase()), id);
      await page.reload();
      await page.evaluate(() => Clerk.load({ telemetry: false }));
      assertEquals(await userOf(page), id);
      assertEquals(decodeJwt(await tokenOf(page)).azp, url);

      await page.evaluate(() => Clerk.user!.delete());
      assertEquals(await userOf(page), null);
      await eventually(async () => assertEquals(await rowsOf(id), []));
      assertEquals(await signIn(page, email), "form_identifier_not_found");
      expectRefusals(visit, 422);
      await eventually(async () =>
        assertEquals(await deliveredOf(id), [
          ...["user.created", "session.created", "user.updated", "user.updated", "user.updated"],
          ...["session.created", "user.deleted"],
        ])
      );
      const asked = kind === "on a port of its own" ? [url, stack.clerkUrl] : [url];
      assertEquals(visit.origins, new Set(asked));
    }));
}

test("an address in use, a short password and a second session are rejected", () =>
  withPage(async (tab, visit) => {
    await load(tab, page.url);
    assertEquals(await signUp(tab, "short@example.com", "1234567"), "form_password_length_too_short");
    assertMatch(await signUp(tab, "taken@example.com"), /^user_/);
    assertEquals(await signIn(tab, "taken@example.com"), "session_exists");
    await signOut(tab);
    assertEquals(await signUp(tab, "Taken@example.com"), "form_identifier_exists");
    expectRefusals(visit, 422, 400, 422);
  }));

test("a user with a password from the Backend API signs in, and no response or webhook contains it", () =>
  withPage(async (tab) => {
    const created = await request(stack, "POST", "/v1/users", {
      email_address: ["backend@example.com"],
      password: PASSWORD,
    });
    assertEquals(created.password_enabled, true);
    await load(tab, page.url);
    assertEquals(await signIn(tab, "backend@example.com"), created.id);
    const { users, messages, passwords } = stack.clerk.state;
    const kept = Object.values(passwords.get(created.id as string)!);
    assertEquals(kept.length, 2);
    const shown = JSON.stringify([created, ...users.values(), ...messages.values()]);
    for (const secret of [PASSWORD, ...kept]) assertEquals(shown.includes(secret), false);
  }));

for (const what of ["user deleted", "session revoked"] as const) {
  test(`a ${what} at Clerk signs the page out`, () =>
    withPage(async (tab, visit) => {
      await load(tab, page.url);
      const id = await signUp(tab, `${what.replace(" ", "-")}@example.com`);
      const session = await tab.evaluate(() => Clerk.session!.id);
      if (what === "user deleted") await request(stack, "DELETE", `/v1/users/${id}`);
      else await request(stack, "POST", `/v1/sessions/${session}/revoke`);
      await tab.evaluate(() => Clerk.session!.getToken({ skipCache: true }).catch(() => null));
      await eventually(async () => assertEquals(await userOf(tab), null));
      expectRefusals(visit, 401);
    }));
}

test("after a key rotation, new tokens are accepted and old ones rejected", () =>
  withPage(async (tab) => {
    await load(tab, page.url);
    const id = await signUp(tab, "rotated@example.com");
    await eventually(async () => assertEquals((await rowsOf(id)).length, 1));
    const old = await tokenOf(tab);
    const rows = async (token: string) => (await stack.client(token).from("users").select("email")).data?.length;
    assertEquals(await rows(old), 1);
    await turn("rotate-keys");
    const fresh = await tokenOf(tab, true);
    assertEquals([await rows(fresh), await rows(old)], [1, undefined]);
    // This function has not fetched keys yet; the other one keeps the old keys for up to half a minute.
    const call = (token: string) => stack.call("profile-later", { headers: { authorization: `Bearer ${token}` } });
    for (const [token, status] of [[fresh, 200], [old, 401]] as const) {
      const response = await call(token);
      assertEquals(response.status, status, await response.text());
    }
  }));

test("a token requested during an outage of Clerk arrives after the outage", () =>
  withPage(async (tab, visit) => {
    await load(tab, page.url);
    await signUp(tab, "outage@example.com");
    await turn("outage?on=true");
    try {
      const keys = await fetch(`${stack.clerkUrl}/.well-known/jwks.json`);
      assertEquals([keys.status, (await keys.json()).errors[0].code], [503, "service_unavailable"]);
      const token = tokenOf(tab, true);
      await eventually(() => Promise.resolve(assert(visit.errors.length > 0)));
      await turn("outage?on=false");
      assertEquals(decodeJwt(await token).azp, page.url);
      expectRefusals(visit, ...visit.errors.map(() => 503));
    } finally {
      await turn("outage?on=false");
    }
  }));

// Runs even without a browser.
testsOf("clerk-js: ")("everything that was started is stopped", async () => {
  await closeBrowser();
  await Promise.all([page.close(), proxied.close()]);
  await stack.stop();
});
