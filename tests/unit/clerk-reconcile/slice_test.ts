import { assertEquals, assertRejects } from "@std/assert";
import { type ReconcileRequest } from "../../../supabase/functions/clerk-reconcile/input.ts";
import { runSlice, type SliceDeps } from "../../../supabase/functions/clerk-reconcile/slice.ts";
import {
  KINDS,
  type ReconcileState,
  type Step,
  type Task,
  TASK_NAMES,
  type TaskName,
} from "../../../supabase/functions/clerk-reconcile/state.ts";
import type { Lease } from "../../../supabase/functions/clerk-reconcile/store.ts";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";

const REQUEST: ReconcileRequest = {
  task: "backfill",
  kind: "users",
  dryRun: false,
  restart: false,
  maxDeletes: undefined,
  bind: undefined,
};

/** Creates a task with the given number of steps. Each step first calls `before`. */
function taskOf(name: TaskName, steps: Array<() => Partial<Step> | void>): Task {
  const advance = (state: ReconcileState, items: number): ReconcileState => ({
    ...state,
    [name]: { started_at: "", items, total: steps.length, ...(items === steps.length && { finished_at: "now" }) },
  });
  return {
    name,
    begin: (state) => Promise.resolve(advance(state, 0)),
    step: (state) =>
      Promise.resolve().then(() => {
        const { items } = state[name]!;
        const step = steps[items]?.() ?? {};
        return { state: advance(state, items + 1), size: 0, results: [], ...step };
      }),
  };
}

type Tasks = Record<TaskName, Task>;
const TASKS_WITHOUT_STEPS =
  (["pull", "retry", ...KINDS.flatMap((kind) => Object.values(TASK_NAMES[kind]))] as TaskName[])
    .map((name) => taskOf(name, []));

interface World extends SliceDeps {
  saved: ReconcileState[];
  released: ReconcileState[];
  slept: number[];
  time: number;
}

function worldOf(tasks: Task[], state: ReconcileState = {}, overrides: Partial<SliceDeps> = {}): World {
  const world: World = {
    saved: [],
    released: [],
    slept: [],
    time: 0,
    store: {
      lease: () => Promise.resolve({ id: "lease", state, takenAt: 7 }),
      save: (lease: Lease) => Promise.resolve(void world.saved.push(lease.state)),
      release: (lease: Lease) => Promise.resolve(void world.released.push(lease.state)),
    },
    instance: { require: () => Promise.resolve(), move: () => Promise.resolve() },
    tasks: () => Object.fromEntries([...TASKS_WITHOUT_STEPS, ...tasks].map((task) => [task.name, task])) as Tasks,
    requests: () => 0,
    now: () => world.time,
    sleep: (milliseconds) => {
      world.slept.push(milliseconds);
      world.time += milliseconds;
      return Promise.resolve();
    },
    ...overrides,
  };
  return world;
}

const limited = (seconds: number) => {
  throw new ApiError("CLERK_RATE_LIMITED", "slowly", { retryAfterSeconds: seconds });
};

Deno.test("a slice stores the state after each step, and releases the lease", async () => {
  const world = worldOf([taskOf("backfill", [() => {}, () => {}])]);
  const report = await runSlice(world, REQUEST);
  assertEquals(world.saved.map(({ backfill }) => backfill?.items), [0, 1, 2]);
  assertEquals(world.released.map(({ backfill }) => backfill?.finished_at), ["now"]);
  assertEquals([report.done, report.items.users, report.progress?.items], [true, 2, 2]);
});

Deno.test("a slice records the time of a task's last step", async () => {
  const tick = () => void (world.time += 3_000);
  const world = worldOf([taskOf("backfill", [tick, tick])]);
  await runSlice(world, REQUEST);
  assertEquals(world.saved.map(({ backfill }) => backfill?.touched_at), [
    undefined,
    "1970-01-01T00:00:03.000Z",
    "1970-01-01T00:00:06.000Z",
  ]);
});

Deno.test("a slice ends after 20 s, and after 8 MB of Clerk's responses", async () => {
  const slow = worldOf([taskOf("backfill", Array.from({ length: 50 }, () => () => void (slow.time += 3_000)))]);
  assertEquals([(await runSlice(slow, REQUEST)).done, slow.released[0]?.backfill?.items], [false, 7]);
  const large = worldOf([taskOf("backfill", Array.from({ length: 50 }, () => () => ({ size: 3 * 1024 * 1024 })))]);
  assertEquals([(await runSlice(large, REQUEST)).done, large.released[0]?.backfill?.items], [false, 3]);
});

Deno.test("a slice continues where the previous one stopped", async () => {
  const state = { backfill: { started_at: "", items: 1, total: 3, recent: [] } };
  const world = worldOf([taskOf("backfill", [() => limited(1), () => {}, () => {}])], state);
  assertEquals((await runSlice(world, REQUEST)).items.users, 2);
});

Deno.test("a slice waits for Clerk's rate limit if it has the time", async () => {
  let refusals = 2;
  const world = worldOf([taskOf("backfill", [() => refusals-- > 0 ? limited(7) : undefined])]);
  assertEquals([(await runSlice(world, REQUEST)).done, world.slept], [true, [7_000, 7_000]]);
  assertEquals(world.saved.length, 4, "the lease is renewed before each wait");
});

Deno.test("a slice returns Clerk's wait to its caller if it has no time", async () => {
  const world = worldOf([taskOf("backfill", [() => {}, () => limited(25)])]);
  const { done, retry_after } = await runSlice(world, REQUEST);
  assertEquals([done, retry_after, world.slept, world.released.length], [false, 25, [], 1]);
});

Deno.test("a failed slice keeps its work, and releases the lease", async () => {
  const fail = () => {
    throw new ApiError("CLERK_UNAVAILABLE", "away");
  };
  const world = worldOf([taskOf("backfill", [() => {}, fail])]);
  assertEquals((await assertRejects(() => runSlice(world, REQUEST), ApiError)).code, "CLERK_UNAVAILABLE");
  assertEquals(world.released.map(({ backfill }) => backfill?.items), [1]);
});

Deno.test("a slice reports the failure, not that the lease could not be released", async () => {
  const away = () => Promise.reject(new ApiError("DATABASE_UNAVAILABLE", "away"));
  const world = worldOf([taskOf("backfill", [() => limited(1)])], {}, {
    instance: {
      require: () => Promise.reject(new ApiError("DATABASE_OF_OTHER_INSTANCE", "other")),
      move: () => Promise.resolve(),
    },
  });
  world.store = { ...world.store, release: away };
  const error = await assertRejects(() => runSlice(world, REQUEST), ApiError);
  assertEquals(error.code, "DATABASE_OF_OTHER_INSTANCE");
});

Deno.test("a slice moves the database, takes the lease and checks the instance before any step", async () => {
  const done: string[] = [];
  const world = worldOf([taskOf("backfill", [() => void done.push("step")])], {}, {
    instance: {
      require: ({ mayBind }) => Promise.resolve(void done.push(`require, may bind: ${mayBind}`)),
      move: (id) => Promise.resolve(void done.push(`move to ${id}`)),
    },
  });
  const { lease } = world.store;
  world.store.lease = () => {
    done.push("lease");
    return lease();
  };
  await runSlice(world, { ...REQUEST, bind: "ins_2" });
  assertEquals(done, ["move to ins_2", "lease", "require, may bind: true", "step"]);
});

Deno.test("a dry run does not bind the database", async () => {
  const asked: boolean[] = [];
  const world = worldOf([], {}, {
    instance: {
      require: ({ mayBind }) => Promise.resolve(void asked.push(mayBind)),
      move: () => Promise.reject(new TypeError("No move")),
    },
  });
  await runSlice(world, { ...REQUEST, task: undefined, dryRun: true });
  assertEquals(asked, [false]);
});

Deno.test("the sweep runs after a failed task, and the failure is thrown at the end", async () => {
  const away = () => {
    throw new ApiError("CLERK_UNAVAILABLE", "away");
  };
  const swept: string[] = [];
  const world = worldOf([
    taskOf("pull", [away]),
    taskOf("retry", [away]),
    taskOf("sweep", [() => void swept.push("sweep")]),
  ], { watermark: 1 });
  const error = await assertRejects(() => runSlice(world, { ...REQUEST, task: undefined }), ApiError);
  assertEquals([error.code, swept], ["CLERK_UNAVAILABLE", ["sweep"]]);
  assertEquals(world.released[0]?.sweep?.finished_at, "now");
});

Deno.test("after a failed backfill the pull is skipped and the sweep runs", async () => {
  const done: string[] = [];
  const world = worldOf([
    taskOf("backfill", [() => {
      throw new ApiError("CLERK_UNAVAILABLE", "away");
    }]),
    taskOf("pull", [() => void done.push("pull")]),
    taskOf("retry", []),
    taskOf("sweep", [() => void done.push("sweep")]),
  ]);
  await assertRejects(() => runSlice(world, { ...REQUEST, task: undefined }), ApiError);
  assertEquals(done, ["sweep"]);
});

Deno.test("the time of the first backfill is kept when a backfill starts again", async () => {
  const first = worldOf([taskOf("backfill", [() => {}])]);
  await runSlice(first, REQUEST);
  assertEquals(first.released[0]?.proofs?.users?.imported_at, 7);
  const again = worldOf([taskOf("backfill", [() => {}])], {
    ...first.released[0]!,
    proofs: { users: { imported_at: 3 } },
  });
  await runSlice(again, { ...REQUEST, restart: true });
  assertEquals(again.released[0]?.proofs?.users?.imported_at, 3);
});

Deno.test("a slice stops if its lease was lost", async () => {
  let steps = 0;
  const world = worldOf([taskOf("backfill", Array.from({ length: 5 }, () => () => void steps++))]);
  const { save } = world.store;
  world.store.save = (lease) => steps === 2 ? Promise.reject(new ApiError("RECONCILE_RUNNING", "lost")) : save(lease);
  assertEquals((await assertRejects(() => runSlice(world, REQUEST), ApiError)).code, "RECONCILE_RUNNING");
  assertEquals(steps, 2);
});

Deno.test("a slice stores the findings of a refused task before it throws", async () => {
  const error = new ApiError("SWEEP_REFUSED", "too many");
  const world = worldOf([taskOf("retry", []), taskOf("sweep", [() => ({ error })])]);
  const thrown = await assertRejects(() => runSlice(world, { ...REQUEST, task: "sweep" }), ApiError);
  assertEquals([thrown.code, world.released[0]?.sweep?.items], ["SWEEP_REFUSED", 1]);
});

Deno.test("a slice counts outcomes, and names the first refused users", async () => {
  const results: Step["results"] = [
    { user_id: "user_a", outcome: "created" },
    { user_id: "user_b", outcome: "created" },
    ...Array.from({ length: 12 }, (_, index) => ({
      user_id: `user_${index}`,
      outcome: "refused" as const,
      code: "TIME_IN_FUTURE",
    })),
  ];
  const detail = { sqlstate: "23503", table: "public.accounts", constraint: "accounts_user_id_fkey" };
  results.unshift({ user_id: "user_kept", outcome: "deleted", code: "DELETE_BLOCKED", detail });
  const { outcomes, refused } = await runSlice(worldOf([taskOf("backfill", [() => ({ results })])]), REQUEST);
  assertEquals(outcomes, { deleted: 1, created: 2, refused: 12 });
  assertEquals([refused.length, refused[0], refused[1]], [
    10,
    { user_id: "user_kept", code: "DELETE_BLOCKED", detail },
    { user_id: "user_0", code: "TIME_IN_FUTURE" },
  ]);
});

Deno.test("a restart immediately resets tasks that the slice does not reach", async () => {
  const finished = { started_at: "", finished_at: "now", items: 1, total: 1 };
  const sweep = { ...finished, round: "count" as const, after: "", absent: 0, deleted: 0, examples: [] };
  const state = { watermark: 1, pull: { ...finished, offset: 0 }, sweep };
  const world = worldOf([taskOf("pull", [() => limited(25)]), taskOf("retry", []), taskOf("sweep", [])], state);
  await runSlice(world, { ...REQUEST, task: undefined, restart: true });
  assertEquals(Object.keys(world.released[0]!).sort(), ["proofs", "pull", "watermark"]);
});

Deno.test("a slice is not done if its pull started a backfill", async () => {
  const world = worldOf([
    taskOf("pull", [() => ({
      state: {
        pull: { started_at: "", finished_at: "now", items: 0, total: 0, offset: 0 },
        backfill: { started_at: "", items: 0, total: 9, recent: [] },
      },
    })]),
  ], { watermark: 1 });
  assertEquals((await runSlice(world, { ...REQUEST, task: "pull" })).done, false);
});
