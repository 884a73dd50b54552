import { assertEquals, assertRejects } from "@std/assert";
import {
  createApplyChanges,
  createApplyInstanceChanges,
} from "../../../../supabase/functions/_clerk-supabase/database/apply_changes.ts";
import type { ServiceClient } from "../../../../supabase/functions/_clerk-supabase/database/clients.ts";
import { ApiError } from "../../../../supabase/functions/_clerk-supabase/errors.ts";

/** The part of the client that is used. */
function answering(data: unknown): ServiceClient {
  return { rpc: () => Promise.resolve({ data, error: null, status: 200 }) } as unknown as ServiceClient;
}

const CHANGE = { type: "user.updated", user_id: "user_a", sent_at: 1 } as const;

Deno.test("createApplyChanges() returns the outcomes", async () => {
  const outcomes = [{ outcome: "created" }, { outcome: "refused", code: "TIME_INVALID" }];
  assertEquals(await createApplyChanges(answering(outcomes))([CHANGE, CHANGE]), outcomes as never);
});

Deno.test("createApplyChanges() rejects results that our SQL function does not return", async () => {
  const bad = [null, "created", [], [{}], ["created"], [{ outcome: "whatever" }], [{ outcome: "refused" }], [
    { outcome: "created" },
    { outcome: "created" },
  ]];
  for (const data of bad) {
    const error = await assertRejects(() => createApplyChanges(answering(data))([CHANGE]), ApiError);
    assertEquals(error.code, "DATABASE_MISCONFIGURED");
  }
});

Deno.test("createApplyInstanceChanges() names the instance until the database is bound to it", async () => {
  const calls: Array<[name: string, instance: unknown]> = [];
  const answers = [[{ outcome: "refused", code: "WRONG_INSTANCE", detail: { bound: "ins_b" } }]];
  const client = {
    rpc: (name: string, { instance_id }: { instance_id?: string }) => {
      calls.push([name, instance_id]);
      return Promise.resolve({ data: answers.pop() ?? [{ outcome: "created" }], error: null, status: 200 });
    },
  } as unknown as ServiceClient;
  const apply = createApplyInstanceChanges(client);
  for (const instance of ["ins_a", undefined, "ins_b", "ins_b", "ins_a"]) await apply([CHANGE], instance);
  assertEquals(calls, [
    ["apply_clerk_changes_of", "ins_a"],
    ["apply_clerk_changes", undefined],
    ["apply_clerk_changes_of", "ins_b"],
    ["apply_clerk_changes", undefined],
    ["apply_clerk_changes_of", "ins_a"],
  ]);
});
