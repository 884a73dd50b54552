/** The Frontend API's routes of sign-ins and sign-ups: passwords, codes and tickets, step by step. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeJwt } from "jose";
import { codeTo, type FrontendBrowser, openBrowser } from "../helpers/clerk/frontend_browser.ts";
import { type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";

const PASSWORD = "correct horse";

const create = async ({ url, secretKey }: TestSimulator, address: string): Promise<string> => {
  const response = await fetch(`${url}/v1/users`, {
    method: "POST",
    headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
    body: JSON.stringify({ email_address: [address], password: PASSWORD, first_name: "Ada" }),
  });
  return (await response.json()).id;
};

const turn = async ({ url }: TestSimulator, path: string) => {
  assertEquals((await (await fetch(`${url}/dev/${path}`, { method: "POST" })).json()).errors, undefined);
};

/** Sends only the identifier and returns the path of the sign-in. */
async function identify(browser: FrontendBrowser, identifier: string) {
  const { body } = await browser.send("POST", "/client/sign_ins", { identifier });
  return { signIn: body.response, path: `/client/sign_ins/${body.response.id}` };
}

Deno.test("a sign-in by identifier waits for a first factor, also after a wrong password", () =>
  withSimulator({}, async (simulator) => {
    const id = await create(simulator, "ada@example.com");
    const browser = openBrowser(simulator);
    const { signIn, path } = await identify(browser, "Ada@example.com");
    assertEquals([signIn.status, signIn.created_session_id], ["needs_first_factor", null]);
    assertEquals(signIn.supported_first_factors.map(({ strategy }: { strategy: string }) => strategy), [
      "password",
      "email_code",
      "reset_password_email_code",
    ]);
    assertEquals(signIn.user_data.first_name, "Ada");
    const attempt = (password: string) =>
      ["POST", `${path}/attempt_first_factor`, { strategy: "password", password }] as const;
    assertEquals(await browser.refusal(...attempt("another horse")), [422, "form_password_incorrect"]);
    assertEquals((await browser.send("GET", "/client")).body.response.sign_in.id, signIn.id);
    const { body } = await browser.send(...attempt(PASSWORD));
    assertEquals([body.response.status, body.client.sessions[0].user.id], ["complete", id]);
    assertEquals(body.client.sign_in, null);
    assertEquals(await browser.refusal(...attempt(PASSWORD)), [400, "session_exists"]);
  }));

Deno.test("a sign-in belongs to its browser, and an unknown identifier does not begin one", () =>
  withSimulator({}, async (simulator) => {
    await create(simulator, "ada@example.com");
    const { path } = await identify(openBrowser(simulator), "ada@example.com");
    const other = openBrowser(simulator);
    const form = { strategy: "password", password: PASSWORD };
    assertEquals(await other.refusal("POST", `${path}/attempt_first_factor`, form), [404, "resource_not_found"]);
    assertEquals(await other.refusal("POST", "/client/sign_ins", { identifier: "eve@example.com" }), [
      422,
      "form_identifier_not_found",
    ]);
    assertEquals(await other.refusal("POST", "/client/sign_ins", { strategy: "oauth_google" }), [501, "not_simulated"]);
  }));

Deno.test("an e-mail code signs in, fails after three wrong attempts, and is 424242 for a test address", () =>
  withSimulator({}, async (simulator) => {
    for (const [address, isTest] of [["ada@example.com", false], ["ada+clerk_test@example.com", true]] as const) {
      const id = await create(simulator, address);
      const browser = openBrowser(simulator);
      const { signIn, path } = await identify(browser, address);
      const { email_address_id } = signIn.supported_first_factors[1];
      const attempt = (code: string) =>
        ["POST", `${path}/attempt_first_factor`, { strategy: "email_code", code }] as const;
      assertEquals(await browser.refusal(...attempt("424242")), [400, "verification_not_sent"]);
      const prepare = () =>
        browser.send("POST", `${path}/prepare_first_factor`, { strategy: "email_code", email_address_id });
      assertEquals((await prepare()).body.response.first_factor_verification.status, "unverified");
      const code = isTest ? "424242" : await codeTo(simulator, address);
      assertMatch(code, /^\d{6}$/);
      if (isTest) assertEquals(await codeTo(simulator, address), "404");
      const wrong = code === "000000" ? "000001" : "000000";
      for (let i = 0; i < 3; i++) assertEquals(await browser.refusal(...attempt(wrong)), [422, "form_code_incorrect"]);
      assertEquals(await browser.refusal(...attempt(code)), [400, "verification_failed"]);
      await prepare();
      const { body } = await browser.send(...attempt(isTest ? "424242" : await codeTo(simulator, address)));
      assertEquals([body.response.status, body.client.sessions[0].user.id], ["complete", id]);
    }
  }));

Deno.test("a forgotten password can be reset after a code", () =>
  withSimulator({}, async (simulator) => {
    await create(simulator, "ada@example.com");
    const browser = openBrowser(simulator);
    const { path } = await identify(browser, "ada@example.com");
    const strategy = "reset_password_email_code";
    assertEquals(await browser.refusal("POST", `${path}/reset_password`, { password: "new horse battery" }), [
      400,
      "sign_in_step_invalid",
    ]);
    await browser.send("POST", `${path}/prepare_first_factor`, { strategy });
    const code = await codeTo(simulator, "ada@example.com");
    const attempted = await browser.send("POST", `${path}/attempt_first_factor`, { strategy, code });
    assertEquals(attempted.body.response.status, "needs_new_password");
    assertEquals(await browser.refusal("POST", `${path}/reset_password`, { password: "short" }), [
      422,
      "form_password_length_too_short",
    ]);
    const { body } = await browser.send("POST", `${path}/reset_password`, { password: "new horse battery" });
    assertEquals(body.response.status, "complete");
    const form = { identifier: "ada@example.com", password: PASSWORD };
    assertEquals(await openBrowser(simulator).refusal("POST", "/client/sign_ins", form), [
      422,
      "form_password_incorrect",
    ]);
  }));

Deno.test("a new password can be sent together with the code", () =>
  withSimulator({}, async (simulator) => {
    await create(simulator, "ada+clerk_test@example.com");
    const browser = openBrowser(simulator);
    const { path } = await identify(browser, "ada+clerk_test@example.com");
    const strategy = "reset_password_email_code";
    await browser.send("POST", `${path}/prepare_first_factor`, { strategy });
    const form = { strategy, code: "424242", password: "new horse battery" };
    const { body } = await browser.send("POST", `${path}/attempt_first_factor`, form);
    assertEquals(body.response.status, "complete");
  }));

Deno.test("a sign-in token signs in once", () =>
  withSimulator({}, async (simulator) => {
    const user_id = await create(simulator, "ada@example.com");
    const response = await fetch(`${simulator.url}/v1/sign_in_tokens`, {
      method: "POST",
      headers: { authorization: `Bearer ${simulator.secretKey}`, "content-type": "application/json" },
      body: JSON.stringify({ user_id }),
    });
    const form = { strategy: "ticket", ticket: (await response.json()).token };
    const { body } = await openBrowser(simulator).send("POST", "/client/sign_ins", form);
    assertEquals([body.response.status, body.client.sessions[0].user.id], ["complete", user_id]);
    const again = await openBrowser(simulator).refusal("POST", "/client/sign_ins", form);
    assertEquals(again, [400, "sign_in_token_already_used_code"]);
  }));

Deno.test("a sign-up can be completed field by field and keeps every field", () =>
  withSimulator({}, async (simulator) => {
    const browser = openBrowser(simulator);
    const first = { email_address: "Ada@example.com", first_name: "Ada", locale: "en-GB", timezone: "Europe/London" };
    const { body: { response } } = await browser.send("POST", "/client/sign_ups", first);
    assertEquals([response.status, response.missing_fields], ["missing_requirements", ["password"]]);
    assertEquals(simulator.state.users.size, 0);
    const path = `/client/sign_ups/${response.id}`;
    assertEquals(await browser.refusal("PATCH", path, { password: "short" }), [422, "form_password_length_too_short"]);
    const { body } = await browser.send("PATCH", path, { password: PASSWORD, phone_number: "+44 20 7946 0958" });
    assertEquals([body.response.status, body.response.missing_fields], ["complete", []]);
    const [user] = simulator.state.users.values();
    assertEquals([user!.first_name, user!.locale, user!.timezone, user!.phone_numbers[0]!.phone_number], [
      ...["Ada", "en-GB", "Europe/London", "+442079460958"],
    ]);
    assert(!JSON.stringify(body).includes(PASSWORD));
  }));

Deno.test("with verification switched on, a sign-up waits for the code of its address", () =>
  withSimulator({}, async (simulator) => {
    await turn(simulator, "verify-at-sign-up?on=true");
    const browser = openBrowser(simulator);
    const { body: environment } = await browser.send("PATCH", "/environment");
    assertEquals(environment.user_settings.attributes.email_address.verify_at_sign_up, true);
    const form = { email_address: "ada@example.com", password: PASSWORD };
    const { body: { response } } = await browser.send("POST", "/client/sign_ups", form);
    assertEquals([response.status, response.unverified_fields], ["missing_requirements", ["email_address"]]);
    const path = `/client/sign_ups/${response.id}`;
    await browser.send("POST", `${path}/prepare_verification`, { strategy: "email_code" });
    assertEquals(simulator.state.users.size, 0);
    const timeline = await (await fetch(`${simulator.url}/dev/messages?after=0`)).json();
    const code = await codeTo(simulator, "ada@example.com");
    assertEquals(timeline.map(({ type, user_id, code }: Record<string, unknown>) => [type, user_id, code]), [
      ["email.created", null, code],
    ]);
    // A new address needs a new code.
    await browser.send("PATCH", path, { email_address: "ada@example.org" });
    const attempt = { strategy: "email_code", code };
    assertEquals(await browser.refusal("POST", `${path}/attempt_verification`, attempt), [
      400,
      "verification_not_sent",
    ]);
    await browser.send("POST", `${path}/prepare_verification`, { strategy: "email_code" });
    const { body } = await browser.send("POST", `${path}/attempt_verification`, {
      strategy: "email_code",
      code: await codeTo(simulator, "ada@example.org"),
    });
    assertEquals(body.response.status, "complete");
    assertEquals(body.client.sessions[0].user.email_addresses[0].email_address, "ada@example.org");
  }));

Deno.test("a native app sends its client token in Authorization instead of a cookie", () =>
  withSimulator({}, async (simulator) => {
    await create(simulator, "ada@example.com");
    const send = (path: string, headers: Record<string, string>, form: Record<string, string> = {}) =>
      fetch(`${simulator.url}/__clerk/v1${path}?_is_native=1`, {
        method: "POST",
        headers,
        body: new URLSearchParams(form),
      });
    const entered = await send("/client/sign_ins", {}, { identifier: "ada@example.com", password: PASSWORD });
    assertEquals(entered.headers.get("set-cookie"), null);
    const authorization = entered.headers.get("authorization")!;
    const session = (await entered.json()).response.created_session_id;
    const token = await send(`/client/sessions/${session}/tokens`, { authorization });
    assertEquals(decodeJwt((await token.json()).jwt).sid, session);
    const without = await send(`/client/sessions/${session}/tokens`, {});
    assertEquals(without.status, 401);
    await without.body?.cancel();
  }));
