import { assertEquals, assertThrows } from "@std/assert";
import { findDatabase, findUrl } from "../../../../cli/deploy/linked.ts";
import { UsageError } from "../../../../project/errors.ts";

const REF = "abcdefghijklmnopqrst";

Deno.test("findUrl() returns the project's usual address, or another one that may receive a key", () => {
  assertEquals(findUrl(REF), `https://${REF}.supabase.co`);
  assertEquals(findUrl(REF, "https://api.example.com/"), "https://api.example.com");
  assertEquals(findUrl(REF, "http://127.0.0.1:54321"), "http://127.0.0.1:54321");
  assertEquals(findUrl(REF, `https://${REF}.functions.supabase.co`), `https://${REF}.functions.supabase.co`);
  for (
    const url of [
      "https://zyxwvutsrqponmlkjihg.supabase.co",
      "https://ZYXWVUTSRQPONMLKJIHG.Supabase.CO",
      "https://zyxwvutsrqponmlkjihg.supabase.co.",
      "https://zyxwvutsrqponmlkjihg.functions.supabase.co",
      "https://zyxwvutsrqponmlkjihg.supabase.red",
      "http://api.example.com",
      "api.example.com",
      "ftp://example.com",
    ]
  ) {
    assertThrows(() => findUrl(REF, url), UsageError);
  }
});

Deno.test("findDatabase() returns the project's database or the given one, with the password in a variable", () => {
  assertEquals(findDatabase(REF), { remote: REF, env: {} });
  assertEquals(findDatabase(REF, "postgresql://me:p%40ss@db.example:6543/postgres?sslmode=require"), {
    remote: "postgresql://me@db.example:6543/postgres?sslmode=require",
    env: { PGPASSWORD: "p@ss" },
  });
  assertEquals(findDatabase(REF, "postgresql://me:x@db.example/postgres?password=p%40+ss&sslmode=require"), {
    remote: "postgresql://me@db.example/postgres?sslmode=require",
    env: { PGPASSWORD: "p@ ss" },
  });
  for (
    const url of [
      "localhost:5432",
      "https://db.example",
      "postgresql://me:50%@db.example/postgres",
      "postgresql://50%@db.example/postgres",
    ]
  ) {
    assertThrows(() => findDatabase(REF, url), UsageError);
  }
});

const OTHER = "bbbbbbbbbbbbbbbbbbbb";
const POOLER = "aws-0-eu-central-1.pooler.supabase.com:5432/postgres";

/** Addresses that name a project, by the place of the ref. */
const NAMING: Record<string, (ref: string) => string> = {
  "the pooler's user": (ref) => `postgresql://postgres.${ref}:x@${POOLER}`,
  "a role of the adopter's at the pooler": (ref) => `postgres://deployer.${ref}@${POOLER}`,
  "an encoded user": (ref) => `postgresql://postgres%2e${ref}:x@${POOLER}`,
  "the user in the query": (ref) => `postgresql://${POOLER}?user=postgres.${ref}&password=x`,
  "the database's own host": (ref) => `postgresql://postgres:x@db.${ref}.supabase.co:5432/postgres`,
  "the host in capitals": (ref) => `postgresql://postgres:x@DB.${ref.toUpperCase()}.SUPABASE.CO/postgres`,
  "the host in the query": (ref) => `postgresql://postgres:x@localhost/postgres?host=db.${ref}.supabase.co`,
  "the pooler's options": (ref) => `postgresql://postgres:x@${POOLER}?options=reference%3D${ref}`,
};

for (const [place, address] of Object.entries(NAMING)) {
  Deno.test(`findDatabase() refuses another project's database, named by ${place}`, () => {
    findDatabase(REF, address(REF));
    const { message } = assertThrows(() => findDatabase(REF, address(OTHER)), UsageError);
    assertEquals(message, `Cannot use --db-url: it belongs to the project ${OTHER}, but the deployment is for ${REF}`);
  });
}

Deno.test("findDatabase() refuses the database of a project that is not deployed to", () => {
  const given = `postgresql://postgres.${OTHER}:x@${POOLER}`;
  const { message } = assertThrows(() => findDatabase("aaaaaaaaaaaaaaaaaaaa", given), UsageError);
  assertEquals(message.includes(`the project ${OTHER}, but the deployment is for aaaaaaaaaaaaaaaaaaaa`), true);
});

Deno.test("findDatabase() takes a database that names no project", () => {
  for (const url of ["postgresql://me@127.0.0.1:5432/postgres", "postgresql://a.b:x@db.example.com/postgres"]) {
    assertEquals(findDatabase(REF, url).env.PGPASSWORD, url.includes(":x@") ? "x" : undefined);
  }
});
