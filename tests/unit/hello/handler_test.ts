import { assertEquals } from "@std/assert";
import { createHelloHandler } from "../../../supabase/functions/hello/handler.ts";
import type { Profile } from "../../../supabase/functions/_clerk-supabase/database/own_row.ts";
import { conforming } from "../../helpers/stack/openapi.ts";
import { createPlatform } from "../../helpers/stack/platform.ts";
import { assertProblem } from "../../helpers/stack/problem.ts";
import { verifyGood } from "../../helpers/clerk/session.ts";

function call(profile: Partial<Profile> | undefined, headers: Record<string, string>): Promise<Response> {
  const handler = conforming(createHelloHandler({
    ...createPlatform(),
    verifyToken: verifyGood(),
    readOwnRow: () => Promise.resolve({ profile: profile as Profile | undefined, deleted: false }),
  }));
  return handler(new Request("http://localhost/hello", { headers }));
}

const signedIn = { authorization: "Bearer good" };

Deno.test("hello greets the user by first name", async () => {
  assertEquals(await (await call({ first_name: "Ada" }, signedIn)).json(), { message: "Hello, Ada!", signed_in: true });
});

Deno.test("hello greets a user without a name or without a row", async () => {
  for (const profile of [{ first_name: null }, undefined]) {
    assertEquals(await (await call(profile, signedIn)).json(), { message: "Hello, you!", signed_in: true });
  }
});

Deno.test("hello greets a guest, including supabase-js without a session", async () => {
  for (
    const headers of [{}, { apikey: "sb_publishable_x", authorization: "Bearer sb_publishable_x" }] as Array<
      Record<string, string>
    >
  ) {
    assertEquals(await (await call(undefined, headers)).json(), { message: "Hello, guest!", signed_in: false });
  }
});

Deno.test("hello never treats an invalid token as a guest", async () => {
  await assertProblem(await call(undefined, { authorization: "Bearer old" }), 401, "TOKEN_EXPIRED");
});
