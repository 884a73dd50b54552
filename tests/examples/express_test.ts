/** The server of docs/express.md, as it stands there, answers Bearer tokens and browsers. */
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { FRAMEWORKS } from "../../dev/apps/frameworks.ts";
import { configArguments } from "../../project/jsr/config.ts";
import { ROOT } from "../../project/root.ts";
import type { Visit } from "../../tools/browser/chromium.ts";
import { type App, startApp } from "../helpers/apps/app.ts";
import { PASSWORD } from "../helpers/apps/components.ts";
import { appTestsOf } from "../helpers/apps/example.ts";
import type { Recorder } from "../helpers/apps/recorder.ts";
import { createToken, createUser } from "../helpers/clerk/clerk.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import type { TestStack } from "../helpers/stack/stack.ts";

const EXPRESS = FRAMEWORKS.find(({ name }) => name === "Express")!;

/** Starts the page's code in Deno, with the packages of the import map. */
async function startServer(stack: TestStack, { url }: Recorder): Promise<App> {
  const code = (await documentedCode("docs/express.md", "app.listen"))
    .replaceAll(/(?<= from ")[^".]+/g, (name) => import.meta.resolve(name));
  const folder = await Deno.makeTempDir({ dir: new URL(".cache/", ROOT).pathname, prefix: "express-" });
  await Deno.writeTextFile(`${folder}/server.ts`, code);
  const args = ["run", "-A", "--no-check", ...await configArguments(), `${folder}/server.ts`];
  const app = await startApp(EXPRESS, { ...await stack.appSettings(), simulatorUrl: url }, (port) => ({
    executable: Deno.execPath(),
    args,
    env: { PORT: String(port) },
  }));
  return { ...app, stop: () => app.stop().finally(() => Deno.remove(folder, { recursive: true })) };
}

/** Does what clerk-js does after a sign-in: it tells the server of it by a cookie. */
async function signInWithoutPage(page: Page, identifier: string): Promise<void> {
  await page.evaluate(async (fields) => {
    await fetch("/__clerk/v1/client/sign_ins", { method: "POST", body: new URLSearchParams(fields) });
  }, { identifier, password: PASSWORD });
  const cookies = (await page.context().cookies()).filter(({ name }) => name.startsWith("__client_uat"));
  await page.context().addCookies(cookies.map((cookie) => ({ ...cookie, value: `${Math.floor(Date.now() / 1000)}` })));
}

/** The browser complains of the 401, and of an icon that the server does not have. */
function expectNoPage({ errors }: Visit): void {
  assertEquals(errors.splice(0).filter((error) => !/status of (401|404)/.test(error)), []);
}

const { test, finish } = appTestsOf("Express", startServer);

test("the server answers tokens and browsers with the caller's row", async (page, { app, stack, recorder }, visit) => {
  const me = `${app.url}/api/me`;
  const email = "ada@example.com";
  const token = await createToken(stack, await createUser(stack, email, { password: PASSWORD }));
  const answer = await fetch(me, { headers: { authorization: `Bearer ${token}` } });
  const { profile, row } = await answer.json();
  assertEquals([profile.email, row.email], [email, email]);

  // A browser comes back from the first handshake signed out, and from the one after its sign-in signed in.
  await page.goto(me);
  assertEquals(JSON.parse(await page.innerText("body")), { error: "Sign in first" });
  expectNoPage(visit);
  await signInWithoutPage(page, email);
  await page.goto(me);
  assertEquals(JSON.parse(await page.innerText("body")).row, row);
  expectNoPage(visit);
  const routes = recorder.calls.map(({ route }) => route);
  assertEquals(routes.filter((route) => route.endsWith("/client/handshake")).length, 2);
});

finish();
