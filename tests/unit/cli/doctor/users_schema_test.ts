import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  judgeConstraints,
  judgeIsolation,
  judgeReferences,
  judgeReplicaIdentity,
  judgeTriggers,
} from "../../../../cli/doctor/users_schema.ts";

const trigger = (fields: { raises?: boolean; writes?: boolean; changes_row?: boolean }) => ({
  name: "welcome",
  function: "public.welcome_user",
  timing: "after",
  raises: false,
  writes: false,
  changes_row: false,
  ...fields,
});

Deno.test("judgeReferences() names the foreign key and writes the statement that fixes it", () => {
  assertEquals(judgeReferences({ blocking_references: [] }).status, "ok");
  const reference = {
    table: "public.accounts",
    constraint: "account_of",
    on_delete: "no action",
    columns: ["user_id"],
  };
  const found = judgeReferences({ blocking_references: [reference] });
  assertStringIncludes(found.detail, "public.accounts account_of (no action)");
  assertStringIncludes(found.fix!, "foreign key (user_id) references public.users (id) on delete cascade;");
});

Deno.test("judgeConstraints() names each constraint on email and username with its fix", () => {
  assertEquals(judgeConstraints({ email_is_not_null: false, unique_usernames: [] }).status, "ok");
  const found = judgeConstraints({ email_is_not_null: true, unique_usernames: ["public.one_name"] });
  assertStringIncludes(found.detail, "email is not null");
  assertStringIncludes(found.detail, "username is unique (public.one_name)");
  assertStringIncludes(found.fix!, "alter column email drop not null; drop index public.one_name;");
});

Deno.test("judgeTriggers() fails for a trigger that raises errors, and names those that write", () => {
  assertEquals(judgeTriggers({ triggers: [trigger({})] }).detail.includes("welcome"), false);
  const writing = judgeTriggers({ triggers: [trigger({ writes: true })] });
  assertEquals([writing.status, writing.detail.includes("welcome (after, public.welcome_user)")], ["ok", true]);
  const raising = judgeTriggers({ triggers: [trigger({ raises: true })] });
  assertEquals([raising.status, raising.detail.includes("welcome (after, public.welcome_user)")], ["failed", true]);
});

Deno.test("judgeReplicaIdentity() and judgeIsolation() name the place and the fix", () => {
  assertEquals(judgeReplicaIdentity({ silent_publications: [] }).status, "ok");
  const silent = judgeReplicaIdentity({ silent_publications: ["supabase_realtime"] });
  assertStringIncludes(silent.detail, "supabase_realtime");
  assertStringIncludes(silent.fix!, "replica identity default");
  assertEquals(judgeIsolation({ isolation_defaults: [] }).status, "ok");
  const isolation = judgeIsolation({ isolation_defaults: [{ place: "role service_role", isolation: "serializable" }] });
  assertStringIncludes(isolation.detail, "serializable (role service_role)");
  assertStringIncludes(isolation.fix!, "reset default_transaction_isolation");
});
