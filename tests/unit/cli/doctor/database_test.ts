import { assertEquals, assertStringIncludes } from "@std/assert";
import { judgeMigrations, judgePolicies } from "../../../../cli/doctor/database.ts";

const FILES = ["1", "2", "3"].map((version) => ({ version, name: `create_${version}`, sql: "" }));
const judge = (migrations: string[] | null, local = false) =>
  judgeMigrations({ migrations }, FILES, {
    url: "https://abc.supabase.co",
    local,
    env: () => undefined,
  });

Deno.test("judgeMigrations() compares the database's migrations with the files", () => {
  assertEquals(judge(["1", "2", "3"]).status, "ok");
  assertEquals(judge(["0", "1", "2", "3", "4"]).status, "ok");
  assertEquals(judge(null).status, "skipped");
});

Deno.test("judgeMigrations() names the missing migrations, and the flag for those older than the last applied one", () => {
  assertEquals(judge(["1"]), {
    name: "migrations",
    status: "failed",
    detail: "not applied: 2_create_2, 3_create_3",
    fix: "supabase db push --remote",
  });
  assertEquals(judge(["1", "3"]).fix, "supabase db push --remote --include-all");
  assertEquals(judge(["1"], true).fix, "supabase db push, or restart deno task dev");
});

Deno.test("judgePolicies() names the table and policy of each fault, and both fixes", () => {
  const policy = (name: string, using: string | null, check: string | null) => ({
    table: "public.notes",
    name,
    using,
    check,
  });
  const wrapped = "((( SELECT auth.jwt() AS jwt) ->> 'sub'::text) = owner)";
  const bare = "((auth.jwt() ->> 'sub'::text) = owner)";
  assertEquals(judgePolicies({ policies: [policy("good", wrapped, null), policy("empty", null, null)] }).status, "ok");
  const found = judgePolicies({ policies: [policy("a", "(auth.uid() = id)", bare), policy("b", bare, bare)] });
  assertEquals(found.status, "failed");
  assertEquals(
    found.detail,
    "public.notes a: auth.uid(); public.notes a: bare auth.jwt(); public.notes b: bare auth.jwt()",
  );
  assertStringIncludes(found.fix!, "(select auth.jwt()) ->> 'sub'");
  assertStringIncludes(found.fix!, "once per row");
});

Deno.test("judgePolicies() says that auth.uid() in one policy of storage.objects fails every bucket", () => {
  const uid = "((bucket_id = 'avatars'::text) AND (( SELECT auth.uid() AS uid) = owner))";
  const judge = (table: string) => judgePolicies({ policies: [{ table, name: "old", using: uid, check: null }] });
  const [storage, own, realtime] = ["storage.objects", "public.objects", "realtime.messages"].map(judge);
  assertEquals(storage!.detail, "storage.objects old: auth.uid()");
  assertStringIncludes(storage!.fix!, "fails every query of storage.objects for Clerk's users, in other buckets too");
  assertEquals([own!.fix!.includes("bucket"), realtime!.fix!.includes("bucket")], [false, false]);
  assertEquals(realtime!.detail, "realtime.messages old: auth.uid()");
});
