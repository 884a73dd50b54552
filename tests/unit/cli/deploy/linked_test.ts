import { assertEquals, assertThrows } from "@std/assert";
import { findDatabase, findUrl } from "../../../../cli/deploy/linked.ts";
import { UsageError } from "../../../../cli/surroundings.ts";

const REF = "abcdefghijklmnopqrst";

Deno.test("findUrl() is the project's usual address, or another that a key may be sent to", () => {
  assertEquals(findUrl(REF), `https://${REF}.supabase.co`);
  assertEquals(findUrl(REF, "https://api.example.com/"), "https://api.example.com");
  assertEquals(findUrl(REF, "http://127.0.0.1:54321"), "http://127.0.0.1:54321");
  for (
    const url of [
      "https://zyxwvutsrqponmlkjihg.supabase.co",
      "http://api.example.com",
      "api.example.com",
      "ftp://example.com",
    ]
  ) {
    assertThrows(() => findUrl(REF, url), UsageError);
  }
});

Deno.test("findDatabase() is the project's, or the one that is named, with the password in a variable", () => {
  assertEquals(findDatabase(REF), { remote: REF, env: {} });
  assertEquals(findDatabase(REF, "postgresql://me:p%40ss@db.example:6543/postgres?sslmode=require"), {
    remote: "postgresql://me@db.example:6543/postgres?sslmode=require",
    env: { PGPASSWORD: "p@ss" },
  });
  assertEquals(findDatabase(REF, "postgresql://me:x@db.example/postgres?password=p%40+ss&sslmode=require"), {
    remote: "postgresql://me@db.example/postgres?sslmode=require",
    env: { PGPASSWORD: "p@ ss" },
  });
  for (const url of ["localhost:5432", "https://db.example", "postgresql://me:50%@db.example/postgres"]) {
    assertThrows(() => findDatabase(REF, url), UsageError);
  }
});
