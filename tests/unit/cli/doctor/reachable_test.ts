/** The doctor stops with one line if the local stack does not answer. */
import { assertEquals, assertRejects } from "@std/assert";
import { requireRunning } from "../../../../cli/doctor/reachable.ts";
import { CommandError } from "../../../../project/errors.ts";

const LOCAL = { url: "http://127.0.0.1:54321", local: true, env: () => undefined };
const refused = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("Connection refused") }));

Deno.test("requireRunning() names the local stack that does not answer, and the command that starts it", async () => {
  const { message } = await assertRejects(() => requireRunning(LOCAL, refused), CommandError);
  assertEquals(
    message,
    "Cannot reach http://127.0.0.1:54321: the connection was refused. " +
      "Start the local stack: deno task dev. For a hosted project, set SUPABASE_URL",
  );
});

Deno.test("requireRunning() accepts any answer of the local stack, and asks no hosted project", async () => {
  await requireRunning(LOCAL, () => Promise.resolve(new Response("Starting", { status: 503 })));
  await requireRunning({ ...LOCAL, url: "https://abc.supabase.co", local: false }, refused);
});
