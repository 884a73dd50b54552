/** A stack whose `.env` names the developer's own Clerk instance. Another simulator stands in for it. */
import { assertEquals } from "@std/assert";
import { createSilently } from "../helpers/clerk/clerk.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { withSimulator } from "../helpers/clerk/simulator.ts";
import { startTestStack } from "../helpers/stack/stack.ts";

testsOf("")(
  "a Clerk instance in .env signs in for profile and for the Data API, and the simulator does not",
  () =>
    withSimulator({}, async (real) => {
      const user = createSilently(real.state, { email_address: ["ada@example.com"], first_name: "Ada" });
      const stack = await startTestStack({}, { ownVariables: real.variables });
      try {
        const token = async (url: string) =>
          await (await fetch(`${url}/dev/token?email=ada@example.com`, { method: "POST" })).text();
        const headers = { authorization: `Bearer ${await token(real.url)}` };
        const profile = await stack.call("profile", { headers });
        assertEquals([profile.status, (await profile.json()).clerk_user_id], [200, user.id]);
        const { data } = await stack.client(await token(real.url)).from("users").select("first_name");
        assertEquals(data, [{ first_name: "Ada" }]);

        createSilently(stack.clerk.state, { email_address: ["ada@example.com"] });
        const ours = await token(stack.clerkUrl);
        assertEquals((await stack.call("profile", { headers: { authorization: `Bearer ${ours}` } })).status, 401);
        assertEquals((await stack.client(ours).from("users").select()).status, 401);
      } finally {
        await stack.stop();
      }
    }),
);
