/** The simulator's Frontend API at the HTTP level. tests/browser tests it with the real clerk-js. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeJwt } from "jose";
import { mergeMetadata } from "../../dev/clerk/metadata.ts";
import { hashPassword, isPassword } from "../../dev/clerk/passwords.ts";
import { type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";

const ORIGIN = "http://127.0.0.1:8000";
const ADA = { email_address: "Ada@Example.com", password: "correct horse" };

/** Sends a form as clerk-js does. */
async function send(
  { url }: { url: string },
  path: string,
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
) {
  const body = new URLSearchParams(form);
  const init = { method: "POST", headers: { origin: ORIGIN, ...headers }, body };
  const response = await fetch(`${url}/__clerk/v1${path}`, init);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const cookieOf = (headers: Headers) => headers.get("set-cookie")!.split(";")[0]!;

const codeOf = ({ status, body }: { status: number; body: { errors: Array<{ code: string }> } }) =>
  [status, body.errors[0]!.code] as const;

async function signUp(simulator: TestSimulator) {
  const { status, headers, body } = await send(simulator, "/client/sign_ups", ADA);
  assertEquals(status, 200);
  return { cookie: cookieOf(headers), headers, body, session: body.response.created_session_id as string };
}

Deno.test("a sign-up sets an HttpOnly cookie and answers with a token for the page", () =>
  withSimulator({}, async (simulator) => {
    const { headers, body, session } = await signUp(simulator);
    assertMatch(headers.get("set-cookie")!, /^__client=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    assertEquals([headers.get("access-control-allow-origin"), headers.get("access-control-allow-credentials")], [
      ORIGIN,
      "true",
    ]);
    const [shown] = body.client.sessions;
    assertEquals([shown.id, shown.user.email_addresses[0].email_address], [session, "ada@example.com"]);
    assertEquals("private_metadata" in shown.user, false);
    const { azp, sid, sub, iss } = decodeJwt(shown.last_active_token.jwt);
    assertEquals([azp, sid, sub, iss], [ORIGIN, session, shown.user.id, simulator.url]);
    // The browser's id, which webhooks contain, must not be the secret in the cookie.
    assert(!headers.get("set-cookie")!.includes(body.client.id));
  }));

Deno.test("a request without the browser's cookie cannot use its sessions", () =>
  withSimulator({}, async (simulator) => {
    const { session, cookie } = await signUp(simulator);
    const paths = [`/client/sessions/${session}/tokens`, `/client/sessions/${session}/touch`];
    paths.push(`/me?_method=PATCH&_clerk_session_id=${session}`, `/me?_method=DELETE&_clerk_session_id=${session}`);
    for (const headers of [{}, { cookie: "__client=client_unknown" }]) {
      for (const path of paths) {
        assertEquals(codeOf(await send(simulator, path, {}, headers)), [401, "authentication_invalid"], path);
      }
    }
    const { status, body } = await send(simulator, paths[0]!, {}, { cookie: `other=1; __client=stale; ${cookie}` });
    assertEquals([status, decodeJwt(body.jwt).azp], [200, ORIGIN]);
  }));

Deno.test("signing out ends one or all sessions of the browser", () =>
  withSimulator({}, async (simulator) => {
    let { session, cookie } = await signUp(simulator);
    for (const path of ["/client/sessions?_method=DELETE", "/client/sessions/:id?_method=DELETE"]) {
      const { status, body } = await send(simulator, path.replace(":id", session), {}, { cookie });
      assertEquals([status, body.client.sessions], [200, []]);
      assertEquals((await send(simulator, `/client/sessions/${session}/tokens`, {}, { cookie })).status, 401);
      const again = await send(simulator, "/client/sign_ins", {
        identifier: ADA.email_address,
        password: ADA.password,
      }, { cookie });
      session = again.body.response.created_session_id;
      assertEquals(again.headers.get("set-cookie"), null);
    }
  }));

Deno.test("missing and unknown input is rejected in Clerk's format", () =>
  withSimulator({}, async (simulator) => {
    assertEquals(codeOf(await send(simulator, "/client/sign_ups", { ...ADA, strategy: "oauth_google" })), [
      501,
      "not_simulated",
    ]);
    assertEquals(codeOf(await send(simulator, "/client/sign_ups", { ...ADA, email_address: "ada" })), [
      422,
      "form_param_format_invalid",
    ]);
    const unknown = { identifier: "eve@example.com", password: ADA.password };
    assertEquals(codeOf(await send(simulator, "/client/sign_ins", unknown)), [422, "form_identifier_not_found"]);
    const answer = await send(simulator, "/client/unknown");
    assertEquals(codeOf(answer), [501, "not_simulated"]);
    assertEquals(answer.headers.get("access-control-allow-origin"), ORIGIN);
    assertEquals(codeOf(await send(simulator, "/client/sign_ups", ADA, { origin: "https://example.com" })), [
      400,
      "origin_invalid",
    ]);
    assertEquals(simulator.state.users.size, 0);
  }));

Deno.test("saved state keeps browsers and passwords", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = new URL(`file://${folder}/clerk.json`);
    const { cookie, session } = await keep(file);
    assertEquals((await Deno.readTextFile(file)).includes(ADA.password), false);
    await withSimulator({ file }, async (simulator) => {
      assertEquals((await send(simulator, `/client/sessions/${session}/tokens`, {}, { cookie })).status, 200);
      const form = { identifier: ADA.email_address, password: ADA.password };
      assertEquals((await send(simulator, "/client/sign_ins", form)).status, 200);
      assertEquals(codeOf(await send(simulator, "/client/sign_ins", { ...form, password: "another horse" })), [
        422,
        "form_password_incorrect",
      ]);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function keep(file: URL): Promise<{ cookie: string; session: string }> {
  let kept;
  await withSimulator({ file }, async (simulator) => {
    kept = await signUp(simulator);
  });
  return kept!;
}

Deno.test("each hash of a password is different and matches the password", async () => {
  const [one, other] = await Promise.all([hashPassword(ADA.password), hashPassword(ADA.password)]);
  assert(one.hash !== other.hash);
  assertEquals([await isPassword(ADA.password, one), await isPassword("correct hors", one)], [true, false]);
});

Deno.test("merging metadata removes a key whose value is null", () => {
  const metadata = { theme: "dark", list: [1, 2], beta: { on: true, of: 1 } };
  assertEquals(
    mergeMetadata(metadata, { theme: null, list: [3], beta: { of: null, to: 2 }, more: { a: null, b: 1 } }),
    {
      list: [3],
      beta: { on: true, to: 2 },
      more: { b: 1 },
    },
  );
});
