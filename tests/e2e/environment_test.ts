/** Whose Clerk the local stack's functions talk to. */
import { assertEquals } from "@std/assert";
import { chooseClerk } from "../../dev/gateway/environment.ts";

const simulator = {
  CLERK_PUBLISHABLE_KEY: "pk_test_simulator",
  CLERK_SECRET_KEY: "sk_test_simulator",
  CLERK_ISSUER: "http://127.0.0.1:1",
};

Deno.test("chooseClerk() takes the simulator, and the files' other settings", () => {
  assertEquals(chooseClerk({ CLERK_DELETE_MODE: "soft" }, simulator), {
    variables: { CLERK_DELETE_MODE: "soft", ...simulator },
    real: false,
    ignored: [],
  });
});

Deno.test("chooseClerk() mixes no two instances", () => {
  assertEquals(chooseClerk({ CLERK_SECRET_KEY: "sk_test_mine" }, simulator), {
    variables: simulator,
    real: false,
    ignored: ["CLERK_SECRET_KEY"],
  });
  const mine = { CLERK_PUBLISHABLE_KEY: "pk_test_mine", CLERK_DELETE_MODE: "soft" };
  assertEquals(chooseClerk(mine, simulator), { variables: mine, real: true, ignored: [] });
});
