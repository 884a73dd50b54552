/** The handshake of a page load through an app's server, with the real `@clerk/backend`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createClerkClient } from "@clerk/backend";
import { decodeJwt } from "jose";
import { cookieSuffix } from "../../dev/clerk/frontend/handshake.ts";
import { createHandshakes } from "../../dev/clerk/handshakes.ts";
import { openBrowser, PAGE_ORIGIN } from "../helpers/clerk/frontend_browser.ts";
import { type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";

const handshake = (target: string, format = "nonce") =>
  `/client/handshake?redirect_url=${encodeURIComponent(target)}&format=${format}`;

const payload = ({ get }: TestSimulator, nonce: string) => get(`/v1/clients/handshake_payload?nonce=${nonce}`);

const nonceOf = ({ headers }: { headers: Headers }) =>
  new URL(headers.get("location")!).searchParams.get("__clerk_handshake_nonce")!;

/** Returns the cookies that the directives set. */
const cookiesOf = (directives: string[]) =>
  Object.fromEntries(directives.map((directive) => /^([^=]+)=([^;]*)/.exec(directive)!.slice(1)));

async function signUp(simulator: TestSimulator) {
  const browser = openBrowser(simulator);
  await browser.send("POST", "/client/sign_ups", { email_address: "ada@example.com", password: "correct horse" });
  return browser;
}

Deno.test("after a handshake, an app's server sees a signed-in page load", () =>
  withSimulator({}, async (simulator) => {
    const { send } = await signUp(simulator);
    const clerk = createClerkClient({
      secretKey: simulator.secretKey,
      publishableKey: simulator.variables.CLERK_PUBLISHABLE_KEY!,
      apiUrl: simulator.url,
      proxyUrl: `${simulator.url}/__clerk`,
      telemetry: { disabled: true },
    });
    const load = (url: string, cookie = "") =>
      clerk.authenticateRequest(
        new Request(url, { headers: { cookie, accept: "text/html", "sec-fetch-dest": "document" } }),
      );
    const page = `${PAGE_ORIGIN}/notes?page=2`;
    const first = await load(page);
    assertEquals([first.status, first.reason], ["handshake", "dev-browser-missing"]);
    const asked = first.headers.get("location")!;
    assert(asked.startsWith(`${simulator.url}/__clerk/v1/client/handshake?`), asked);

    const answer = await send("GET", asked.slice(`${simulator.url}/__clerk/v1`.length));
    assertEquals(answer.status, 307);
    const back = answer.headers.get("location")!;
    assert(back.startsWith(`${page}&__clerk_handshake_nonce=`), back);
    // With a development instance, the server sets the cookies and reloads the page without the nonce.
    const second = await load(back);
    const set = second.headers.getSetCookie();
    assertEquals(second.headers.get("location"), page);
    const third = await load(page, set.map((directive) => directive.split(";")[0]).join("; "));
    assertEquals([third.status, third.toAuth()!.userId], ["signed-in", [...simulator.state.users.values()][0]!.id]);
  }));

Deno.test("a handshake sets every cookie twice, once with the suffix of the key, and its nonce works once", () =>
  withSimulator({}, async (simulator) => {
    const { send } = await signUp(simulator);
    const nonce = nonceOf(await send("GET", handshake(`${PAGE_ORIGIN}/`)));
    const { directives } = await (await payload(simulator, nonce)).json();
    const cookies = cookiesOf(directives);
    const suffix = await cookieSuffix(simulator.variables.CLERK_PUBLISHABLE_KEY!);
    assertMatch(suffix, /^[\w-]{8}$/);
    const names = Object.keys(cookies).filter((name) => !name.endsWith(`_${suffix}`));
    assertEquals(names.sort(), ["__clerk_db_jwt", "__client_uat", "__session"]);
    for (const name of names) assertEquals(cookies[`${name}_${suffix}`], cookies[name], name);
    const { azp, iat } = decodeJwt(cookies.__session!);
    assertEquals(azp, PAGE_ORIGIN);
    assert(Number(cookies.__client_uat) <= iat!);
    assertEquals((await payload(simulator, nonce)).status, 404);
  }));

Deno.test("a signed-out browser gets a new client and no session", () =>
  withSimulator({}, async (simulator) => {
    const browser = openBrowser(simulator);
    const answer = await browser.send("GET", handshake(`${PAGE_ORIGIN}/`));
    assertMatch(answer.headers.get("set-cookie")!, /^__client=/);
    const { directives } = await (await payload(simulator, nonceOf(answer))).json();
    const { __client_uat, __session, __clerk_db_jwt } = cookiesOf(directives);
    assertEquals([__client_uat, __session], ["0", ""]);
    // A page of another site sends this value instead of the cookie.
    const client = `${simulator.url}/__clerk/v1/client?__clerk_db_jwt=${__clerk_db_jwt}`;
    const found = await (await fetch(client)).json();
    assertEquals(found.response.sessions, []);
  }));

Deno.test("an SDK that does not request a nonce gets the cookies in a signed token", () =>
  withSimulator({}, async (simulator) => {
    const { send } = await signUp(simulator);
    const { headers } = await send("GET", handshake(`${PAGE_ORIGIN}/`, "token"));
    const token = new URL(headers.get("location")!).searchParams.get("__clerk_handshake")!;
    assertEquals((decodeJwt(token).handshake as string[]).length, 6);
  }));

const FOREIGN = ["https://example.com/", "http://127.0.0.1.example.com/", "javascript:alert(1)", "/", ""];
const NO_PAGES = [
  "blob:http://127.0.0.1:3000/x",
  "ftp://127.0.0.1/",
  "http://user:pw@127.0.0.1/",
  "http://u@127.0.0.1/",
];

for (const target of [...FOREIGN, ...NO_PAGES]) {
  Deno.test(`a handshake does not redirect to ${JSON.stringify(target)}`, () =>
    withSimulator({}, async (simulator) => {
      const { send } = await signUp(simulator);
      const { status, headers } = await send("GET", handshake(target));
      assertEquals([Math.floor(status / 100), headers.get("location")], [4, null]);
    }));
}

Deno.test("the payload of a handshake needs the secret key", () =>
  withSimulator({}, async (simulator) => {
    const { send } = await signUp(simulator);
    const nonce = nonceOf(await send("GET", handshake(`${PAGE_ORIGIN}/`)));
    const response = await fetch(`${simulator.url}/v1/clients/handshake_payload?nonce=${nonce}`);
    assertEquals(response.status, 401);
    await response.body?.cancel();
    assertEquals((await payload(simulator, nonce)).status, 200);
  }));

Deno.test("handshakes expire after a minute, and the 1,001st replaces the oldest", () => {
  let now = 0;
  const handshakes = createHandshakes(() => now);
  const first = handshakes.put(["a=1"]);
  const others = Array.from({ length: 1_000 }, () => handshakes.put(["b=1"]));
  assertEquals(handshakes.take(first), undefined);
  assertEquals(handshakes.take(others[0]!), ["b=1"]);
  now = 60_000;
  assertEquals(handshakes.take(others[1]!), undefined);
});
