/** The Frontend API's routes of the caller's account: password, addresses, numbers and sessions. */
import { assertEquals, assertMatch } from "@std/assert";
import { codeTo, openBrowser } from "../helpers/clerk/frontend_browser.ts";
import { type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";

const PASSWORD = "correct horse";

async function signUp(simulator: TestSimulator, email_address = "ada@example.com") {
  const browser = openBrowser(simulator);
  const { body } = await browser.send("POST", "/client/sign_ups", { email_address, password: PASSWORD });
  return { ...browser, user: body.client.sessions[0].user, session: body.response.created_session_id as string };
}

Deno.test("changing a password needs the current one and can end other sessions", () =>
  withSimulator({}, async (simulator) => {
    const { send, refusal } = await signUp(simulator);
    const other = openBrowser(simulator);
    await other.send("POST", "/client/sign_ins", { identifier: "ada@example.com", password: PASSWORD });
    const change = (form: Record<string, string>) => ["POST", "/me/change_password", form] as const;
    const new_password = "new horse battery";
    assertEquals(await refusal(...change({ new_password })), [422, "form_param_missing"]);
    assertEquals(await refusal(...change({ new_password, current_password: "wrong horse" })), [
      422,
      "form_password_incorrect",
    ]);
    const active = async () => (await send("GET", "/me/sessions/active")).body.length;
    assertEquals(await active(), 2);
    const form = { new_password, current_password: PASSWORD, sign_out_of_other_sessions: "true" };
    assertEquals((await send(...change(form))).status, 200);
    assertEquals(await active(), 1);
    assertEquals((await other.send("GET", "/client")).body.response.sessions, []);
  }));

Deno.test("a user can revoke a session in another browser but not another user's session", () =>
  withSimulator({}, async (simulator) => {
    const ada = await signUp(simulator);
    const eve = await signUp(simulator, "eve@example.com");
    const other = openBrowser(simulator);
    const form = { identifier: "ada@example.com", password: PASSWORD };
    const { body } = await other.send("POST", "/client/sign_ins", form);
    const path = `/me/sessions/${body.response.created_session_id}/revoke`;
    assertEquals(await eve.refusal("POST", path), [404, "resource_not_found"]);
    assertEquals((await ada.send("POST", path)).body.response.status, "revoked");
    assertEquals(await other.refusal("POST", "/me/change_password", { new_password: PASSWORD }), [
      401,
      "authentication_invalid",
    ]);
  }));

Deno.test("an added address is verified by its code and can then become primary", () =>
  withSimulator({}, async (simulator) => {
    const { send, refusal, user } = await signUp(simulator);
    const added = (await send("POST", "/me/email_addresses", { email_address: "Lovelace@example.com" })).body.response;
    assertEquals([added.email_address, added.verification], ["lovelace@example.com", null]);
    const primary = { primary_email_address_id: added.id };
    assertEquals(await refusal("PATCH", "/me", primary), [422, "form_param_value_invalid"]);
    const signIn = { identifier: "lovelace@example.com" };
    assertEquals(await openBrowser(simulator).refusal("POST", "/client/sign_ins", signIn), [
      422,
      "form_identifier_not_found",
    ]);
    const path = `/me/email_addresses/${added.id}`;
    const { body } = await send("POST", `${path}/prepare_verification`, { strategy: "email_code" });
    assertEquals([body.response.verification.status, "code" in body.response.verification], ["unverified", false]);
    const code = await codeTo(simulator, "lovelace@example.com");
    const verified = (await send("POST", `${path}/attempt_verification`, { code })).body;
    assertEquals(verified.response.verification.status, "verified");
    const changed = (await send("PATCH", "/me", primary)).body.response;
    assertEquals([changed.primary_email_address_id, changed.email_addresses.length], [added.id, 2]);
    await send("DELETE", path);
    const rest = (await send("GET", "/me")).body.response;
    assertEquals([rest.primary_email_address_id, rest.email_addresses.length], [user.email_addresses[0].id, 1]);
  }));

Deno.test("an address that another user has verified cannot be added", () =>
  withSimulator({}, async (simulator) => {
    await signUp(simulator);
    const eve = await signUp(simulator, "eve@example.com");
    const form = { email_address: "ADA@example.com" };
    assertEquals(await eve.refusal("POST", "/me/email_addresses", form), [422, "form_identifier_exists"]);
    const own = { email_address: "eve@example.com" };
    assertEquals(await eve.refusal("POST", "/me/email_addresses", own), [422, "form_identifier_exists"]);
  }));

Deno.test("a phone number is verified by a code, which is 424242 for Clerk's test numbers", () =>
  withSimulator({}, async (simulator) => {
    const { send, refusal } = await signUp(simulator);
    for (const [number, isTest] of [["+44 20 7946 0958", false], ["+12015550123", true]] as const) {
      const { response } = (await send("POST", "/me/phone_numbers", { phone_number: number })).body;
      const path = `/me/phone_numbers/${response.id}`;
      await send("POST", `${path}/prepare_verification`, { strategy: "phone_code" });
      const code = isTest ? "424242" : await codeTo(simulator, response.phone_number);
      assertMatch(code, /^\d{6}$/);
      const { body } = await send("POST", `${path}/attempt_verification`, { code });
      assertEquals(body.response.verification.status, "verified");
    }
    assertEquals(await refusal("POST", "/me/phone_numbers", { phone_number: "12" }), [
      422,
      "form_param_format_invalid",
    ]);
    const user = (await send("GET", "/me")).body.response;
    assertEquals([user.phone_numbers.length, user.primary_phone_number_id], [2, user.phone_numbers[0].id]);
  }));

Deno.test("avatar URLs are the simulator's on a page and Clerk's in webhooks", () =>
  withSimulator({}, async (simulator) => {
    const { send, user } = await signUp(simulator);
    assertEquals(user.image_url, `${simulator.url}/__clerk/avatars/${user.id}`);
    await send("PATCH", "/me", { first_name: "Ada", last_name: "<Lovelace>" });
    const image = await fetch(user.image_url);
    assertEquals(image.headers.get("content-type"), "image/svg+xml");
    assertMatch(await image.text(), />A&#60;<\/text>/);
    assertEquals(simulator.state.users.get(user.id)!.image_url, `https://img.clerk.com/${user.id}`);
  }));
