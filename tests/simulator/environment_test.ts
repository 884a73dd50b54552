/** The environment matches the simulator's features, so that components show only these. */
import { assertEquals } from "@std/assert";
import { openBrowser, PAGE_ORIGIN } from "../helpers/clerk/frontend_browser.ts";
import { withSimulator } from "../helpers/clerk/simulator.ts";

Deno.test("the environment enables exactly the features that a page can use", () =>
  withSimulator({}, async (simulator) => {
    const { send, refusal } = openBrowser(simulator);
    const { body } = await send("PATCH", "/environment");
    const { attributes, password_settings, actions, sign_up, sign_in, social } = body.user_settings;
    const isOn = ([, { enabled }]: [string, { enabled: boolean }]) => enabled;
    const enabled = Object.entries<{ enabled: boolean }>(attributes).filter(isOn).map(([name]) => name);
    assertEquals(enabled.sort(), ["email_address", "first_name", "last_name", "password"]);
    assertEquals([actions.delete_self, sign_up.mode, sign_up.progressive, social], [true, "public", true, {}]);
    assertEquals([sign_in.second_factor.enabled, body.auth_config.single_session_mode], [false, true]);
    assertEquals(body.display_config.home_url, `${PAGE_ORIGIN}/`);

    const { min_length, max_length } = password_settings;
    const email_address = "ada@example.com";
    const short = { email_address, password: "x".repeat(min_length - 1) };
    const long = { email_address, password: "x".repeat(max_length + 1) };
    assertEquals(await refusal("POST", "/client/sign_ups", short), [422, "form_password_length_too_short"]);
    assertEquals(await refusal("POST", "/client/sign_ups", long), [422, "form_password_length_too_long"]);
    const { body: signedUp } = await send("POST", "/client/sign_ups", {
      email_address,
      password: "x".repeat(max_length),
    });
    assertEquals(signedUp.response.status, "complete");
  }));
