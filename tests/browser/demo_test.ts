/** The demo page in a real browser, with the unmodified clerk-js and supabase-js. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import axe from "axe-core";
import type { Page, Request } from "playwright-core";
import { EXAMPLE_EVENTS } from "../../project/example_events.ts";
import { createDemo } from "../../dev/gateway/demo.ts";
import { closeBrowser, withPage } from "../../tools/browser/chromium.ts";
import { browserTestsOf } from "../helpers/browser.ts";
import {
  addResume,
  open,
  PASSWORD,
  rename,
  replay,
  seesDeliveries,
  signUp,
  warmUp,
} from "../../tools/browser/demo_page.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

// Served as by `deno task dev`. The single connection handles the events of a sign-up one at a time, in order.
const stack = await startTestStack({}, { embedded: true });
await warmUp(stack);

const test = browserTestsOf("the demo page ");

const column = (page: Page, name: string) => page.locator("#row div", { hasText: name }).locator("dd");
const resumes = (page: Page) => page.locator("#resume-list li span").allTextContents();

test("shows a user's life cycle: sign-up, change, resumes, replays and deletion", () =>
  withPage(async (page, { origins }) => {
    await open(page, stack.url);
    await signUp(page, { name: "Ada", email: "ada@example.com" });
    await seesDeliveries(page, ["user.created created", "session.created updated"]);
    assertEquals(await column(page, "email").textContent(), "ada@example.com");
    assertEquals(JSON.parse((await page.locator("#profile-answer").textContent())!).first_name, "Ada");

    await rename(page, "Augusta");
    assertEquals(await column(page, "first_name").textContent(), "Augusta");
    await page.getByRole("heading", { name: "Hello, Augusta" }).waitFor();

    await addResume(page, "Engineer");
    await addResume(page, "<b>Poet</b>");
    await page.getByRole("button", { name: "Delete Engineer" }).click();
    await page.getByText("Resume “Engineer” is deleted.").waitFor();
    assertEquals(await resumes(page), ["<b>Poet</b>"]);
    await seesNothingOfOthers();

    assertMatch(await replay(page, "Send again, twice"), /: \d+ duplicate\. Row before = row after/);
    for (const button of ["Send late", "Send out of order"]) {
      assertMatch(await replay(page, button), /: .*\d+ stale.*\. Row before = row after/);
    }

    await sendExamples(page);

    await page.getByRole("button", { name: "Delete account …" }).click();
    await page.getByRole("button", { name: "Keep it" }).click();
    await page.getByRole("button", { name: "Delete account …" }).click();
    await page.getByRole("button", { name: "Delete for good" }).click();
    await page.getByText("the row is gone: the last token is still valid but reads no rows").waitFor();
    await page.getByRole("heading", { name: "You are signed out" }).waitFor();
    await page.locator("#deliveries li", { hasText: "the row was deleted permanently" }).waitFor();
    const { data } = await stack.admin.from("users").select("email").eq("email", "ada@example.com");
    assertEquals(data, []);
    assertEquals([...origins].sort(), [stack.url, stack.clerkUrl].sort());
  }));

/** Sends Clerk's example events, which the timeline shows as ignored and which change no row. */
async function sendExamples(page: Page): Promise<void> {
  const users = () => stack.database.query("select * from public.users order by id");
  const before = await users();
  await page.getByRole("button", { name: "Send Example" }).click();
  await page.getByText(`${EXAMPLE_EVENTS.length} example events are on their way`).waitFor();
  await page.locator("#deliveries li[data-outcome=ignored]").nth(EXAMPLE_EVENTS.length - 1).waitFor();
  assertEquals(await users(), before);
}

/** Signs up a second user in another browser, who sees no rows of the first. */
function seesNothingOfOthers(): Promise<void> {
  return withPage(async (page) => {
    await open(page, stack.url);
    await signUp(page, { name: "Eve", email: "eve@example.com" });
    await seesDeliveries(page, ["user.created created", "session.created updated"]);
    assertEquals(await resumes(page), []);
    assertEquals(JSON.parse((await page.locator("#users-answer").textContent())!).length, 1);
  });
}

test("shows an organization's life cycle: invitation, change of role, switching and leaving", () =>
  withPage(async (ada) => {
    await open(ada, stack.url);
    await signUp(ada, { name: "Ada", email: "ada.team@example.com" });
    await ada.getByLabel("Name of a new organization").fill("Acme");
    await ada.getByRole("button", { name: "Create organization" }).click();
    await ada.getByRole("heading", { name: "In Acme" }).waitFor();
    await answers(ada, "organization", /"role": "org:admin"/);
    await answers(ada, "memberships", /"name": "Acme"/);
    await lands(ada, "organization.created");
    await ada.getByLabel("Name of a project").fill("Rocket");
    await ada.getByRole("button", { name: "Add project" }).click();
    await ada.locator("#project-list", { hasText: "Rocket" }).waitFor();
    await ada.getByLabel("Address to invite").fill("eve.team@example.com");
    await ada.getByRole("button", { name: "Invite", exact: true }).click();
    await ada.getByText("eve.team@example.com is invited").waitFor();

    await withPage(async (eve) => {
      await open(eve, stack.url);
      await signUp(eve, { name: "Eve", email: "eve.team@example.com" });
      await eve.getByRole("button", { name: "Join Acme" }).click();
      await eve.getByRole("button", { name: "Switch to Acme" }).click();
      await eve.locator("#project-list", { hasText: "Rocket" }).waitFor();
      await answers(eve, "organization", /"role": "org:member"/);

      await ada.getByRole("button", { name: "Make admin of eve.team@example.com" }).click();
      await answers(eve, "organization", /"role": "org:admin"/);
      await lands(eve, "organizationMembership.updated");

      await eve.getByRole("button", { name: "Work without Acme" }).click();
      await eve.getByRole("button", { name: "Switch to Acme" }).waitFor();
      const refresh = await holdNext(eve, "**/functions/v1/organization");
      await eve.getByRole("button", { name: "Switch to Acme" }).click();
      await refresh.held;
      await eve.getByRole("button", { name: "Leave Acme" }).click();
      // A page that does not wait for its refresh leaves in this time, and the refresh then puts a 404 into its console.
      await eve.waitForResponse(/organization_memberships\/org_/, { timeout: 500 }).catch(() => {});
      refresh.release();
      await eve.getByText("You left Acme.").waitFor();
      assertEquals(await eve.locator("#organization").isVisible(), false);
      await lands(ada, "organizationMembership.deleted");
    });
    await ada.getByRole("button", { name: "Work without Acme" }).click();
    await ada.getByText("No organization is active").waitFor();
    assertEquals(await ada.locator("#project-list", { hasText: "Rocket" }).isVisible(), false);
    await ada.getByRole("button", { name: "Switch to Acme" }).click();
    await ada.locator("#project-list", { hasText: "Rocket" }).waitFor();
  }));

/** Holds the page's next request to an address back, until it is released. */
async function holdNext(page: Page, address: string): Promise<{ held: Promise<void>; release: () => void }> {
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await page.route(address, async (route) => {
    held.resolve();
    await released.promise;
    await route.continue();
  }, { times: 1 });
  return { held: held.promise, release: released.resolve };
}

/** Waits until the response shown on the page matches. */
async function answers(page: Page, name: "organization" | "memberships", pattern: RegExp): Promise<void> {
  await eventually(async () => assertMatch((await page.locator(`#${name}-answer`).textContent())!, pattern));
}

/** Waits until the timeline shows a message of a type. */
const lands = (page: Page, type: string) => page.locator("#deliveries .what code", { hasText: type }).first().waitFor();

test("redirects from localhost to the host name of the simulator's cookies", () =>
  withPage(async (page) => {
    await open(page, stack.url.replace("127.0.0.1", "localhost"));
    assertEquals(new URL(page.url()).origin, stack.url);
  }));

test("allows signing up by keyboard and moves the focus to each new section", () =>
  withPage(async (page) => {
    await open(page, stack.url);
    const type = (text: string) => page.keyboard.type(text);
    const focused = () => page.evaluate("document.activeElement.id || document.activeElement.name");
    for (let tabs = 0; tabs < 10 && await focused() !== "first_name"; tabs++) await page.keyboard.press("Tab");
    await type("Grace");
    await page.keyboard.press("Tab");
    await type("not an address");
    await page.keyboard.press("Enter");
    assertStringIncludes((await page.locator("#sign-up .error").textContent())!, "Email: ");
    assertEquals(await focused(), "email_address");
    await page.keyboard.press("Control+A");
    await type("grace@example.com");
    await page.keyboard.press("Tab");
    await type(PASSWORD);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Hello, Grace" }).waitFor();
    await page.getByText("Written by clerk-webhook").waitFor();
    assertEquals(await focused(), "member-title");
    await page.getByRole("button", { name: "Sign out" }).press("Enter");
    await page.getByRole("heading", { name: "You are signed out" }).waitFor();
    assertEquals(await focused(), "guest-title");
  }));

test("shows Clerk's error at its field, keeps the session over a reload, and signs the user in again", () =>
  withPage(async (page, { errors }) => {
    await open(page, stack.url);
    await signUp(page, { name: "Joan", email: "joan@example.com" });
    // A page that calls profile after the sign-out has a 401 in its console.
    const reading = await holdNext(page, "**/rest/v1/users?*");
    await page.reload();
    await reading.held;
    await page.getByRole("heading", { name: "Hello, Joan" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    const form = page.locator("#sign-in");
    await form.waitFor();
    reading.release();
    await form.getByLabel("Email").fill("joan@example.com");
    await form.getByLabel("Password").fill("not the password");
    await form.getByRole("button").click();
    await form.locator(".error:not(:empty)").waitFor();
    assert(await form.locator("[name=password][aria-invalid=true]").isVisible());
    // The browser itself reports the 422 response.
    assertEquals(errors.splice(0).length, 1);
    await form.getByLabel("Password").fill(PASSWORD);
    await form.getByRole("button").click();
    await page.getByRole("heading", { name: "Hello, Joan" }).waitFor();
  }));

test("shows no row of a user who signed out while profile answered", () =>
  withPage(async (page) => {
    await open(page, stack.url);
    await signUp(page, { name: "Rosalind", email: "rosalind@example.com" });
    await column(page, "email").waitFor();
    const answer = await holdNext(page, "**/functions/v1/profile");
    await page.reload();
    await answer.held;
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("#sign-in").waitFor();
    const answered = page.waitForResponse("**/functions/v1/profile");
    answer.release();
    await (await answered).finished();
    // The page reads the response in a few turns of its event loop.
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 100))");
    assertEquals(await page.locator("#row").textContent(), "");
  }));

test("asks for the code if Clerk requires a verified address", () =>
  withPage(async (page) => {
    await open(page, stack.url);
    await confirmAddresses(page, "1815");
    const [form, verify] = [page.locator("#sign-up"), page.locator("#verify")];
    await form.getByLabel("Email").fill("mary@example.com");
    await form.getByLabel("Password").fill(PASSWORD);
    await form.getByRole("button").click();
    await verify.getByText("Clerk has sent a code to mary@example.com.").waitFor();
    await verify.getByLabel("Code").fill("1815");
    await verify.getByRole("button", { name: "Confirm" }).click();
    await page.getByRole("heading", { name: "Hello, mary@example.com" }).waitFor();
    await page.getByText("Written by clerk-webhook").waitFor();
  }));

/**
 * Answers sign-ups like a Clerk instance that sends a code first. The simulator itself verifies every address at once.
 */
async function confirmAddresses(page: Page, code: string): Promise<void> {
  let signUp = "";
  await page.route("**/client/sign_ups*/**", async (route) => {
    const request = route.request();
    const url = request.url().replace(/sign_ups[^?]*/, "sign_ups");
    if (request.url().includes("attempt_verification")) {
      assertEquals(new URLSearchParams(request.postData()!).get("code"), code);
      return await route.fulfill({ response: await route.fetch({ url, postData: signUp }) });
    }
    await route.fulfill(waitingFor(request));
  });
  await page.route("**/client/sign_ups?*", async (route) => {
    signUp = route.request().postData()!;
    await route.fulfill(waitingFor(route.request()));
  });
}

/** Returns the response of a sign-up that waits for its code. */
function waitingFor(request: Request) {
  const headers = {
    "access-control-allow-origin": new URL(request.headers().referer ?? stack.url).origin,
    "access-control-allow-credentials": "true",
  };
  const response = {
    ...{ object: "sign_up_attempt", id: "sua_1", status: "missing_requirements" },
    ...{ unverified_fields: ["email_address"], missing_fields: [] },
  };
  return { headers, json: { response, client: null } };
}

test("shows the row that profile creates while webhooks are held back", () =>
  withPage(async (page) => {
    await open(page, stack.url);
    const hold = page.getByRole("button", { name: "Hold webhooks back" });
    await hold.click();
    await page.locator("#hold[aria-pressed=true]").waitFor();
    await page.locator("#sign-up").getByLabel("Email").fill("late@example.com");
    await page.locator("#sign-up").getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByText("profile has fetched you from Clerk").waitFor();
    assertEquals(await column(page, "email").textContent(), "late@example.com");
    await hold.click();
    await page.locator("#hold[aria-pressed=false]").waitFor();
  }));

test("has no serious accessibility violation and fits 360 pixels, in light and dark", () =>
  withPage(async (page) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open(page, stack.url);
    await passesBoth(page, "signed out");
    await signUp(page, { name: "Katherine", email: "a.rather.long.address.of.katherine@mathematics.example.com" });
    await addResume(page, "Mathematician".repeat(8));
    await seesDeliveries(page, ["user.created created", "session.created updated"]);
    await replay(page, "Send again, twice");
    await page.getByLabel("Name of a new organization").fill("Mathematicians".repeat(6));
    await page.getByRole("button", { name: "Create organization" }).click();
    await page.getByRole("heading", { name: "In Mathematicians" }).waitFor();
    for (const summary of await page.locator("summary").all()) await summary.click();
    await passesBoth(page, "signed in");
    await page.getByRole("button", { name: "Delete account …" }).click();
    await passesBoth(page, "asked for a confirmation");
  }));

async function passesBoth(page: Page, when: string): Promise<void> {
  // An element in transition has a colour between two others.
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(axe.source);
    const violations = await page.evaluate("axe.run()") as axe.AxeResults;
    const serious = violations.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    assertEquals(
      serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
      [],
      `${when}, ${colorScheme}`,
    );
    assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 360, `${when}: width`);
  }
}

testsOf("the demo page ")("is served with its files, without secrets and without other files", async () => {
  const page = await fetch(stack.url);
  const addresses = [...(await page.text()).matchAll(/(?:src|href)="(\/web\/[^"]*)"/g)].map(([, address]) => address!);
  assert(addresses.length >= 4);
  for (const address of addresses) {
    const file = await fetch(new URL(address, stack.url));
    assert(file.ok && (await file.text()).length > 0, address);
    assertEquals(file.headers.get("x-content-type-options"), "nosniff");
  }
  const policy = page.headers.get("content-security-policy")!;
  for (const part of ["default-src 'none'", "script-src 'self';", `connect-src 'self' ${stack.clerkUrl};`]) {
    assertStringIncludes(policy, part);
  }
  const settings = await (await fetch(`${stack.url}/config.json`)).text();
  const { secretKey, webhookSecret } = stack.clerk.state.instance;
  for (const secret of [stack.keys.secret, secretKey, webhookSecret]) assertEquals(settings.includes(secret), false);
  for (const path of ["/web/", "/web/index.html", "/web/packages/", "/deno.json", "/web/%2e%2e/deno.json", "/.env"]) {
    const other = await fetch(`${stack.url}${path}`);
    await other.body?.cancel();
    assertEquals(other.status, 404, path);
  }
});

testsOf("the demo page ")("may connect to a real Clerk instance and to the host of its bot check", async () => {
  const clerk = { publishableKey: "pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk", proxyUrl: null, url: null };
  const demo = createDemo(() => Promise.resolve({ url: "", publishableKey: "", clerk, functions: [] }));
  const policy = (await demo("/"))!.headers.get("content-security-policy")!;
  assertStringIncludes(policy, "connect-src 'self' https://example.accounts.dev;");
  assertStringIncludes(policy, "script-src 'self' https://challenges.cloudflare.com;");
});

testsOf("the demo page's ")("stack and browser stop", async () => {
  await closeBrowser();
  await stack.stop();
});
