import { assertEquals, assertRejects } from "@std/assert";
import { createImportUser } from "../../../supabase/functions/profile/import_user.ts";
import type { ClerkChange } from "../../../supabase/functions/_clerk-supabase/database/change.ts";
import { createOwnColumnsMapping } from "../../../supabase/functions/_clerk-supabase/clerk/own_columns.ts";
import type { Outcome } from "../../../supabase/functions/_clerk-supabase/database/apply_changes.ts";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";

function setUp({ outcome = { outcome: "created" } as Outcome, fail = undefined as ApiError | undefined } = {}) {
  const asked: string[] = [];
  const applied: ClerkChange[] = [];
  const clock = { now: 0 };
  const importUser = createImportUser({
    mapOwn: createOwnColumnsMapping({ of_user: ({ id }) => id }),
    fetchUser: async (userId) => {
      asked.push(userId);
      await Promise.resolve();
      if (fail) throw fail;
      return { user: { id: userId }, answeredAt: 1744276500_000 };
    },
    applyChanges: (changes) => {
      applied.push(...changes);
      return Promise.resolve([outcome]);
    },
    now: () => clock.now,
  });
  return { importUser, asked, applied, clock };
}

Deno.test("createImportUser() imports the own columns", async () => {
  const { importUser, applied } = setUp();
  await importUser("user_a");
  assertEquals(applied[0]?.own, { of_user: "user_a" });
});

Deno.test("createImportUser() names a refused own column, and returns 500", async () => {
  const { importUser } = setUp({
    outcome: { outcome: "refused", code: "OWN_COLUMN_INVALID", detail: { column: "plan" } },
  });
  const error = await assertRejects(() => importUser("user_a"), ApiError);
  assertEquals([error.code, error.status], ["OWN_COLUMN_INVALID", 500]);
  assertEquals(error.message.startsWith("Cannot write own column plan: "), true, error.message);
});

Deno.test("createImportUser() reads from Clerk once for concurrent requests of a user", async () => {
  const { importUser, asked, applied } = setUp();
  await Promise.all(Array.from({ length: 50 }, () => importUser("user_a")));
  assertEquals([asked, applied.length], [["user_a"], 1]);
  assertEquals([applied[0]?.type, applied[0]?.user_id], ["user.fetched", "user_a"]);
});

Deno.test("createImportUser() imports different users concurrently", async () => {
  const { importUser, asked } = setUp();
  await Promise.all([importUser("user_a"), importUser("user_b")]);
  assertEquals(asked, ["user_a", "user_b"]);
});

Deno.test("createImportUser() remembers a failure for 10 s", async () => {
  const { importUser, asked, clock } = setUp({ fail: new ApiError("CLERK_UNAVAILABLE", "down") });
  for (const now of [0, 1, 9_999]) {
    clock.now = now;
    assertEquals((await assertRejects(() => importUser("user_a"), ApiError)).code, "CLERK_UNAVAILABLE");
  }
  assertEquals(asked.length, 1);
  clock.now = 10_000;
  await assertRejects(() => importUser("user_a"), ApiError);
  assertEquals(asked.length, 2);
});

Deno.test("createImportUser() reads from Clerk at most once in 10 s if the row stays hidden", async () => {
  const { importUser, asked, clock } = setUp();
  for (const now of [0, 1, 9_999]) {
    clock.now = now;
    await importUser("user_a");
  }
  assertEquals(asked.length, 1);
  clock.now = 10_000;
  await importUser("user_a");
  assertEquals(asked.length, 2);
});

Deno.test("createImportUser() does not blame the caller for data that cannot be stored", async () => {
  const { importUser } = setUp({ outcome: { outcome: "refused", code: "EMAIL_TOO_LONG" } });
  const error = await assertRejects(() => importUser("user_a"), ApiError);
  assertEquals([error.code, error.status, error.headers["retry-after"]], ["CLERK_UNAVAILABLE", 503, "60"]);
});

Deno.test("createImportUser() reports that the schema refused the user", async () => {
  const detail = { sqlstate: "23514", table: "public.users", constraint: "short_name" };
  const { importUser } = setUp({ outcome: { outcome: "refused", code: "SCHEMA_REFUSED", detail } });
  const error = await assertRejects(() => importUser("user_a"), ApiError);
  assertEquals([error.code, error.status, error.cause], ["SCHEMA_REFUSED", 500, {
    code: "23514 public.users short_name",
  }]);
});
