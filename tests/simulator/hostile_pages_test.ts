/** Requests that a page of another site can make a browser send to the simulator. */
import { assertEquals } from "@std/assert";
import { openBrowser } from "../helpers/clerk/frontend_browser.ts";
import { withSimulator } from "../helpers/clerk/simulator.ts";

for (const path of ["/dev/messages", "/dev/switches", "/__clerk/v1/environment"]) {
  Deno.test(`${path} is refused at another site's domain name`, () =>
    withSimulator({}, async ({ fetch, url }) => {
      const { port } = new URL(url);
      const statusAt = async (host: string) => (await fetch(new Request(`http://${host}:${port}${path}`))).status;
      assertEquals(await statusAt("evil.example"), 400);
      assertEquals(await statusAt("localhost.evil.example"), 400);
      for (const host of ["127.0.0.1", "localhost", "[::1]", "192.0.2.7"]) {
        assertEquals(await statusAt(host), 200, host);
      }
    }));
}

Deno.test("the simulator accepts the host name of --host", () =>
  withSimulator({ url: "http://laptop.example:54350" }, async ({ fetch }) => {
    assertEquals((await fetch(new Request("http://laptop.example:54350/dev/switches"))).status, 200);
  }));

Deno.test("_method changes a POST only, because a link of any page sends a GET with the user's cookies", () =>
  withSimulator({}, async (simulator) => {
    const { send } = openBrowser(simulator);
    await send("POST", "/client/sign_ups", { email_address: "ada@example.com", password: "correct horse" });
    for (const path of ["/me?_method=DELETE", "/client/sessions?_method=DELETE"]) {
      await send("GET", path);
      const { body } = await send("GET", "/client");
      assertEquals([simulator.state.users.size, body.response.sessions.length], [1, 1], path);
    }
    await send("DELETE", "/client/sessions");
    assertEquals((await send("GET", "/client")).body.response.sessions, []);
  }));

Deno.test("names of every object's properties are neither packages nor fields", () =>
  withSimulator({}, async ({ url, secretKey }) => {
    for (const name of ["constructor", "toString", "__proto__"]) {
      const script = await fetch(`${url}/__clerk/npm/@clerk/${name}/dist/a.js`);
      assertEquals([script.status, (await script.json()).errors[0].code], [404, "resource_not_found"], name);
      const headers = { authorization: `Bearer ${secretKey}`, "content-type": "application/json" };
      const init = { method: "POST", headers, body: `{ "email_address": ["ada@example.com"], "${name}": 1 }` };
      const user = await fetch(`${url}/v1/users`, init);
      assertEquals([user.status, (await user.json()).errors[0].code], [422, "form_param_unknown"], name);
    }
  }));
