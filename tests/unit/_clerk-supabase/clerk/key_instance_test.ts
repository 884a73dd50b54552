import { assertEquals, assertRejects } from "@std/assert";
import { createInstanceProof } from "../../../../supabase/functions/_clerk-supabase/clerk/key_instance.ts";
import { ApiError } from "../../../../supabase/functions/_clerk-supabase/errors.ts";
import { issuerWith } from "../../../helpers/clerk/issuers.ts";

const [ours, rotated, other] = await Promise.all([
  issuerWith("first"),
  issuerWith("second", { kid: "ins_rotated" }),
  // Anyone can publish a key under our key id.
  issuerWith("third", { kid: "ins_test" }),
]);
const both = { keys: [...rotated.jwks.keys, ...ours.jwks.keys] };

async function prove(held: unknown, published: unknown): Promise<string> {
  const answer = () =>
    published instanceof Error ? Promise.reject(published) : Promise.resolve(Response.json(published));
  const proof = createInstanceProof({ fetchJwks: () => Promise.resolve(held) }, ["https://example.com/jwks"], answer);
  return await proof().then(
    (ids) => ids.join() === "ins_test" ? "proved" : ids.join(),
    (error) => error instanceof ApiError ? error.code : "thrown",
  );
}

Deno.test("createInstanceProof() accepts a secret key whose instance publishes the same signing key", async () => {
  assertEquals(await prove(ours.jwks, ours.jwks), "proved");
  assertEquals(await prove(both, ours.jwks), "proved");
  assertEquals(await prove(ours.jwks, both), "proved");
});

Deno.test("createInstanceProof() refuses a secret key of another instance, even with the same key id", async () => {
  for (const held of [other.jwks, rotated.jwks, {}, { keys: [] }, undefined, "<html>"]) {
    assertEquals(await prove(held, ours.jwks), "CLERK_SECRET_KEY_OF_OTHER_INSTANCE");
  }
});

Deno.test("createInstanceProof() reports an outage if the issuer's keys cannot be fetched", async () => {
  for (const published of [new TypeError("network"), {}, { keys: [] }, []]) {
    assertEquals(await prove(ours.jwks, published), "JWKS_UNAVAILABLE");
  }
});

Deno.test("createInstanceProof() needs the keys of only one of several addresses", async () => {
  const urls = ["https://clerk.example.com/jwks", "https://example.com/__clerk/jwks"];
  const prove = (held: unknown) => {
    const fetch = (url: string) =>
      url === urls[0] ? Promise.reject(new TypeError("network")) : Promise.resolve(Response.json(ours.jwks));
    return createInstanceProof({ fetchJwks: () => Promise.resolve(held) }, urls, fetch)();
  };
  assertEquals(await prove(ours.jwks), ["ins_test"]);
  const error = await assertRejects(() => prove(other.jwks), ApiError);
  assertEquals(error.code, "CLERK_SECRET_KEY_OF_OTHER_INSTANCE");
});

Deno.test("createInstanceProof() refuses a secret key that belongs to only one of two issuers' instances", async () => {
  const urls = ["https://one.example/jwks", "https://two.example/jwks"];
  const prove = (held: unknown, ...published: unknown[]) => {
    const fetch = (url: string) => Promise.resolve(Response.json(published[urls.indexOf(url)]));
    return createInstanceProof({ fetchJwks: () => Promise.resolve(held) }, urls, fetch)();
  };
  assertEquals(await prove(ours.jwks, ours.jwks, both), ["ins_test"]);
  assertEquals(await prove(ours.jwks, {}, ours.jwks), ["ins_test"]);
  for (const held of [ours.jwks, rotated.jwks, other.jwks]) {
    const error = await assertRejects(() => prove(held, ours.jwks, rotated.jwks), ApiError);
    assertEquals(error.code, "CLERK_SECRET_KEY_OF_OTHER_INSTANCE");
  }
});
