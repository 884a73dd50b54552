import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { createInstanceBinding } from "../../../supabase/functions/clerk-reconcile/instance_binding.ts";
import { createFakeClerk } from "../../helpers/clerk/clerk_api.ts";

/** Creates a binding with key ids and a database of `users` users. Clerk has the first `present` of them. */
function setUp(
  { keyIds = ["ins_new"], bound, users = 0, rowless = 0, present = 0, winner }: {
    keyIds?: string[];
    bound?: string;
    users?: number;
    /** How many of the first users have no row. */
    rowless?: number;
    present?: number;
    winner?: string;
  } = {},
) {
  const clerk = createFakeClerk(users, 0);
  const ids = [...clerk.users.keys()];
  for (const id of ids.slice(present)) clerk.users.delete(id);
  const written: string[] = [];
  const world = { bound };
  const binding = createInstanceBinding({
    proveInstance: () => Promise.resolve(keyIds),
    clerk,
    store: {
      boundInstance: () => Promise.resolve(world.bound),
      bindInstance: (id, by) => {
        if (world.bound === undefined) written.push(`bind ${id} by ${by}`);
        return Promise.resolve(world.bound ??= winner ?? id);
      },
      moveInstance: (from, to) => {
        written.push(`move ${from} to ${to}`);
        world.bound = to;
        return Promise.resolve();
      },
    },
    listUserRows: (after, size) =>
      Promise.resolve(
        ids.map((user_id, index) => ({ user_id, live: index >= rowless, newest_at: 0, known_since: 0 }))
          .slice(ids.indexOf(after) + 1).slice(0, size),
      ),
  });
  return { ...binding, clerk, written };
}

const refusal = async (run: () => Promise<void>, code = "DATABASE_OF_OTHER_INSTANCE") => {
  const error = await assertRejects(run, ApiError);
  assertEquals(error.code, code);
  return error.message;
};

Deno.test("keys of the bound instance are accepted without reading a user", async () => {
  const { require, clerk, written } = setUp({ bound: "ins_new", users: 8 });
  await require({ mayBind: true });
  assertEquals([clerk.asked, written], [[], []]);
});

Deno.test("keys of another instance are refused with both ids and the way to move, without reading a user", async () => {
  const { require, clerk, written } = setUp({ bound: "ins_old", users: 8, present: 8 });
  for (const mayBind of [true, false]) {
    const message = await refusal(() => require({ mayBind }));
    for (const part of ["ins_old", "ins_new", "--bind ins_new"]) assertStringIncludes(message, part);
  }
  assertEquals([clerk.asked, written], [[], []]);
});

Deno.test("an unbound database is bound if most of its users exist at the instance of the keys", async () => {
  for (const [users, present, binds] of [[0, 0, true], [8, 5, true], [8, 4, false], [1, 0, false]] as const) {
    const { require, written } = setUp({ users, present });
    if (binds) await require({ mayBind: true });
    else assertStringIncludes(await refusal(() => require({ mayBind: true })), `${present} of ${users} users`);
    assertEquals(written, binds ? ["bind ins_new by reconcile"] : []);
  }
});

Deno.test("an unbound database is not bound to foreign keys if its first users have no row", async () => {
  const { require, written } = setUp({ users: 120, rowless: 112 });
  assertStringIncludes(await refusal(() => require({ mayBind: true })), "0 of 8 users");
  assertEquals(written, []);
  await setUp({ users: 120, rowless: 120 }).require({ mayBind: true });
});

Deno.test("an unbound database stays unbound in a call that may not bind it", async () => {
  const { require, written } = setUp({ users: 8 });
  await require({ mayBind: false });
  assertEquals(written, []);
});

Deno.test("keys that lose the race for an unbound database are refused", async () => {
  assertStringIncludes(await refusal(() => setUp({ winner: "ins_other" }).require({ mayBind: true })), "ins_other");
});

Deno.test("keys without an instance id are accepted only if the database is unbound", async () => {
  const unbound = setUp({ keyIds: ["key-1"], users: 8 });
  await unbound.require({ mayBind: true });
  assertEquals(unbound.written, []);
  await refusal(() => setUp({ keyIds: ["key-1"], bound: "ins_old" }).require({ mayBind: true }));
});

Deno.test("an operator can move the database only to the instance of the keys", async () => {
  const moved = setUp({ bound: "ins_old", users: 8 });
  await moved.move("ins_new");
  assertEquals(moved.written, ["move ins_old to ins_new"]);
  await moved.move("ins_new");
  assertEquals(moved.written.length, 1, "once is enough");
  const first = setUp({ users: 8 });
  await first.move("ins_new");
  assertEquals(first.written, ["bind ins_new by operator"]);
  const wrong = setUp({ bound: "ins_old" });
  assertStringIncludes(await refusal(() => wrong.move("ins_else"), "FIELD_INVALID"), "ins_new");
  assertEquals(wrong.written, []);
});
