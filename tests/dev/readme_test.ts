/** The README's own code, added to a fresh copy of the project and used. */
import { assertEquals, assertMatch } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { checkOut } from "../helpers/checkout.ts";
import { documentedCode } from "../helpers/documented.ts";
import { interrupt, paste, ready, start, valueOf } from "../helpers/dev.ts";
import { testsOf } from "../helpers/shared_test.ts";

let folder = await checkOut();

async function addWhoami(): Promise<void> {
  const path = `${folder}/supabase/functions/whoami`;
  await Deno.mkdir(path);
  await Deno.writeTextFile(
    `${path}/handler.ts`,
    await documentedCode("README.md", "export function createWhoamiHandler"),
  );
  await Deno.writeTextFile(
    `${path}/index.ts`,
    await documentedCode("README.md", "// supabase/functions/whoami/index.ts"),
  );
  await Deno.writeTextFile(`${path}/deno.json`, '{ "importMap": "../../../import_map.json" }');
  await Deno.writeTextFile(`${folder}/supabase/config.toml`, "\n[functions.whoami]\nverify_jwt = false\n", {
    append: true,
  });
}

testsOf("")("README: a new function and a table of the adopter's own work as written", async () => {
  await addWhoami();
  await Deno.writeTextFile(
    `${folder}/supabase/migrations/20270101000000_create_notes.sql`,
    await documentedCode("README.md", "create table public.notes"),
  );
  const dev = start(folder, ["--port", "0", "--clerk-port", "0"]);
  try {
    const output = await ready(dev);
    const [url, key] = [valueOf(output, "Project URL"), valueOf(output, "Publishable key")];
    const clerk = valueOf(output, "Clerk simulator");
    const authorization = `Bearer ${/sk_test_\w+/.exec(output)![0]}`;
    const signIn = async (email: string) => {
      const headers = { authorization, "content-type": "application/json" };
      await (await fetch(`${clerk}/v1/users`, {
        method: "POST",
        headers,
        body: JSON.stringify({ email_address: [email] }),
      })).json();
      const token = await (await fetch(`${clerk}/dev/token?email=${email}`, { method: "POST" })).text();
      const client = createClient(url, key, { accessToken: () => Promise.resolve(token) });
      // The profile brings the row, whether or not the webhook has come.
      const { data } = await client.functions.invoke("profile", { method: "GET" });
      return { client, userId: data.clerk_user_id };
    };
    const [ada, eve] = [await signIn("ada@example.com"), await signIn("eve@example.com")];

    assertEquals((await ada.client.functions.invoke("whoami", { method: "GET" })).data, { userId: ada.userId });
    const guest = createClient(url, key, { accessToken: () => Promise.resolve(null) });
    const refused = await guest.functions.invoke("whoami", { method: "GET" });
    assertEquals((await refused.response!.json()).code, "TOKEN_MISSING");

    assertEquals((await ada.client.from("notes").insert({ body: "mine" })).error, null);
    assertEquals((await ada.client.from("notes").select("body")).data, [{ body: "mine" }]);
    assertEquals((await eve.client.from("notes").select("body")).data, []);
    assertEquals((await eve.client.from("notes").delete().eq("body", "mine").select()).data, []);
    assertEquals((await guest.from("notes").select("body")).error?.code, "42501");
    const { id } = (await ada.client.from("users").select("id").single()).data!;
    assertEquals((await eve.client.from("notes").insert({ body: "forged", user_id: id })).error?.code, "42501");
  } finally {
    await interrupt(dev);
    await Deno.remove(folder, { recursive: true });
  }
});

testsOf("")("docs/setup.md: the bundle runs without its examples", async () => {
  folder = await checkOut();
  const setup = await Deno.readTextFile(`${folder}/docs/setup.md`);
  const listed = [...setup.matchAll(/`(supabase\/(?:functions\/\w+\/|migrations\/\w+\.sql))`/g)].map(([, path]) =>
    path!
  );
  assertEquals(listed.length, 3);
  for (const path of listed) await Deno.remove(`${folder}/${path}`, { recursive: true });
  const config = `${folder}/supabase/config.toml`;
  const text = await Deno.readTextFile(config);
  await Deno.writeTextFile(config, text.replaceAll(/\[functions\.(hello|resumes)\]\nverify_jwt = false\n/g, ""));
  const list = `${folder}/supabase/functions/openapi/functions.ts`;
  await Deno.writeTextFile(list, (await Deno.readTextFile(list)).replaceAll(/^.*(hello|resumes).*\n/gim, ""));
  const dev = start(folder, ["--port", "0", "--clerk-port", "0"]);
  try {
    assertMatch(await paste(await ready(dev)), /"clerk_user_id":"user_\w+"/);
    const call = async (name: string) => {
      const response = await fetch(`${valueOf(dev.output(), "Project URL")}/functions/v1/${name}`);
      return { status: response.status, body: await response.json() };
    };
    const { paths } = (await call("openapi")).body;
    assertEquals(["/profile" in paths, "/hello" in paths, "/resumes" in paths], [true, false, false]);
    for (const name of ["hello", "resumes"]) {
      const { status, body } = await call(name);
      assertEquals([status, body.code], [404, "NOT_FOUND"]);
    }
  } finally {
    await interrupt(dev);
    await Deno.remove(folder, { recursive: true });
  }
});
