/** Organizations in the simulator's Frontend API: rejected requests and the effects of switches. */
import { assertEquals } from "@std/assert";
import { type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";

const MINIMUM = [400, "organization_minimum_permissions_needed"];

/** Signs a user up; returns the user's id and a function that sends forms from that browser. */
async function browser({ url }: TestSimulator, emailAddress: string) {
  let cookie = "";
  const send = async (path: string, form: Record<string, string> = {}) => {
    const init = { method: "POST", headers: { cookie }, body: new URLSearchParams(form) };
    const response = await fetch(`${url}/__clerk/v1${path}`, init);
    cookie ||= response.headers.get("set-cookie")?.split(";")[0] ?? "";
    const body = await response.json();
    return response.ok ? body : [response.status, body.errors[0].code];
  };
  const { client } = await send("/client/sign_ups", { email_address: emailAddress, password: "correct horse" });
  return { userId: client.sessions[0].user.id as string, send };
}

async function turn({ url }: TestSimulator, path: string): Promise<void> {
  assertEquals((await (await fetch(`${url}/dev/${path}`, { method: "POST" })).json()).errors, undefined);
}

const typesOf = ({ state }: TestSimulator) => [...state.messages.values()].map(({ type }) => type);

Deno.test("the last member who can manage an organization cannot leave, be removed or be demoted on a page", () =>
  withSimulator({}, async (simulator) => {
    const [ada, eve] = [await browser(simulator, "ada@example.com"), await browser(simulator, "eve@example.com")];
    const { response: { id } } = await ada.send("/organizations", { name: "Acme" });
    const members = `/organizations/${id}/memberships`;
    await ada.send(members, { user_id: eve.userId, role: "org:member" });
    assertEquals(await ada.send(`/me/organization_memberships/${id}?_method=DELETE`), MINIMUM);
    assertEquals(await ada.send(`${members}/${ada.userId}?_method=DELETE`), MINIMUM);
    assertEquals(await ada.send(`${members}/${ada.userId}?_method=PATCH`, { role: "org:member" }), MINIMUM);
    assertEquals(await eve.send(`${members}/${ada.userId}?_method=DELETE`), [403, "missing_organization_permission"]);

    await ada.send(`${members}/${eve.userId}?_method=PATCH`, { role: "org:admin" });
    const { response } = await ada.send(`/me/organization_memberships/${id}?_method=DELETE`);
    assertEquals(response.deleted, true);
    assertEquals(await ada.send(`/organizations/${id}?_method=GET`), [404, "resource_not_found"]);
    assertEquals(await eve.send(`/me/organization_memberships/${id}?_method=DELETE`), MINIMUM);
  }));

Deno.test("an instance without organizations says so in its environment and rejects their routes", () =>
  withSimulator({}, async (simulator) => {
    const { send } = await browser(simulator, "ada@example.com");
    const enabled = async () => (await send("/environment?_method=PATCH")).organization_settings.enabled;
    assertEquals(await enabled(), true);
    await turn(simulator, "organizations?on=false");
    assertEquals(await enabled(), false);
    assertEquals(await send("/organizations", { name: "Acme" }), [403, "organization_not_enabled_in_instance"]);
  }));

for (const on of [false, true]) {
  Deno.test(`deleting an organization ${on ? "sends" : "does not send"} events for its memberships with cascades=${on}`, () =>
    withSimulator({}, async (simulator) => {
      const { send } = await browser(simulator, "ada@example.com");
      const { response: { id } } = await send("/organizations", { name: "Acme" });
      await turn(simulator, `cascades?on=${on}`);
      await send(`/organizations/${id}?_method=DELETE`);
      assertEquals(typesOf(simulator).slice(-1 - Number(on)), [
        "organization.deleted",
        ...(on ? ["organizationMembership.deleted"] : []),
      ]);
    }));
}

Deno.test("a route that only Clerk has answers 501 instead of 404", () =>
  withSimulator({}, async (simulator) => {
    const { userId, send } = await browser(simulator, "ada@example.com");
    for (const path of [`/v1/users/${userId}/oauth_access_tokens/google`, "/v1/organization_domains", "/v1/saml"]) {
      const response = await simulator.get(path);
      assertEquals([response.status, (await response.json()).errors[0].code], [501, "not_simulated"], path);
    }
    assertEquals(await send("/organizations/org_x/logo?_method=PUT"), [501, "not_simulated"]);
    const own = await fetch(`${simulator.url}/dev/unknown`);
    assertEquals([own.status, (await own.json()).errors[0].code], [404, "resource_not_found"]);
  }));
