/**
 * One call's work: as much of its tasks as fits into the limits of a function, under the lease.
 *
 * @module
 */
import type { ProveInstance } from "../_shared/clerk/same_instance.ts";
import { ApiError } from "../_shared/errors.ts";
import type { ReconcileRequest } from "./input.ts";
import { type Planned, planTasks } from "./plan.ts";
import { createReport, type Report, type Tally } from "./report.ts";
import {
  bindInstance,
  EXAMPLES,
  isUnfinished,
  type ReconcileState,
  type Step,
  type Task,
  type TaskName,
  touch,
} from "./state.ts";
import type { Lease, ReconcileStore } from "./store.ts";

/** What a slice takes. */
export interface SliceDeps {
  store: Pick<ReconcileStore, "lease" | "save" | "release">;
  proveInstance: ProveInstance;
  /** The tasks by name, for this request. */
  tasks: (request: ReconcileRequest) => Record<TaskName, Task>;
  /** Requests to Clerk so far, in this process. */
  requests: () => number;
  /** The clock, in milliseconds. */
  now: () => number;
  /** Waits for milliseconds. */
  sleep: (milliseconds: number) => Promise<void>;
}

/** Milliseconds that a slice may begin new steps in. */
const WALL = 20_000;
/**
 * What reading Clerk's answers may cost a slice, in characters, which stand for half a second of CPU: reading, mapping
 * and sending a million of them took about 35 ms.
 */
const SIZE = 8 * 1024 * 1024;

/**
 * Works for one slice.
 *
 * @param deps Store, tasks, clock.
 * @param request What the caller asked for.
 * @returns What was done, and whether anything is left.
 * @throws {ApiError} `RECONCILE_RUNNING`, `SWEEP_REFUSED`, and what Clerk and the database throw. What was done until
 * then is stored.
 */
export async function runSlice(deps: SliceDeps, request: ReconcileRequest): Promise<Report> {
  const slice = new Slice(deps, request, await deps.store.lease());
  try {
    await slice.run(await deps.proveInstance());
  } catch (error) {
    // The state was stored after each step; if the lease cannot be given back now, it ends by itself.
    await slice.release().catch(() => {});
    throw error;
  }
  await slice.release();
  return slice.report();
}

class Slice {
  readonly #started: number;
  readonly #requestsBefore: number;
  readonly #tally: Tally = { users: 0, outcomes: {}, refused: [] };
  #lease: Lease;
  #size = 0;
  #task: TaskName | null = null;
  #done = false;
  #retryAfter = 0;

  constructor(readonly deps: SliceDeps, readonly request: ReconcileRequest, lease: Lease) {
    this.#lease = lease;
    this.#started = deps.now();
    this.#requestsBefore = deps.requests();
  }

  /** Task by task, until all are done or the slice is used up. */
  async run(instance: string[]): Promise<void> {
    const tasks = this.deps.tasks(this.request);
    const state = bindInstance(this.#lease.state, instance);
    const plan = planTasks(this.request, state, this.deps.now());
    this.#lease = { ...this.#lease, state: this.request.restart ? without(state, plan) : state };
    for (const { name, begin } of plan) {
      const task = tasks[name];
      this.#task = name;
      if (begin && !await this.#attempt(async () => this.#store(await task.begin(this.#lease.state)))) return;
      while (this.#lease.state[name]?.finished_at === undefined) {
        if (this.#isUsedUp() || !await this.#attempt(() => this.#step(task))) return;
      }
    }
    // A pull that gave up has begun a backfill.
    this.#done = !plan.some(({ name }) => name === "pull") || !isUnfinished(this.#lease.state, "backfill");
  }

  release(): Promise<void> {
    return this.deps.store.release(this.#lease);
  }

  report(): Report {
    return createReport({
      task: this.#task,
      done: this.#done,
      retryAfter: this.#retryAfter,
      requests: this.deps.requests() - this.#requestsBefore,
      tally: this.#tally,
      state: this.#lease.state,
    });
  }

  async #step(task: Task): Promise<void> {
    const { state, size, results, error } = await task.step(this.#lease.state);
    this.#count(results, (state[task.name]?.users ?? 0) - (this.#lease.state[task.name]?.users ?? 0));
    this.#size += size;
    await this.#store(touch(state, task.name, this.deps.now()));
    if (error) throw error;
  }

  async #store(state: Lease["state"]): Promise<void> {
    this.#lease = { ...this.#lease, state };
    await this.deps.store.save(this.#lease);
  }

  #count(results: Step["results"], users: number): void {
    this.#tally.users += Math.max(0, users);
    for (const result of results) {
      this.#tally.outcomes[result.outcome] = (this.#tally.outcomes[result.outcome] ?? 0) + 1;
      if (result.outcome === "refused" && this.#tally.refused.length < EXAMPLES) {
        const { user_id, code, detail } = result;
        this.#tally.refused.push({ user_id, code, ...(detail && { detail }) });
      }
    }
  }

  /** Waits where Clerk asks for it and the slice has the time; false where the next call has to. */
  async #attempt(run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      const seconds = rateLimited(error);
      if (seconds === undefined) throw error;
      if (this.#left() > seconds * 1000) {
        await this.#store(this.#lease.state);
        await this.deps.sleep(seconds * 1000);
        return await this.#attempt(run);
      }
      this.#retryAfter = seconds;
      return false;
    }
  }

  #left(): number {
    return this.#started + WALL - this.deps.now();
  }

  #isUsedUp(): boolean {
    return this.#left() <= 0 || this.#size >= SIZE;
  }
}

/** What is to begin anew is forgotten at once, so that it is still to be done where this slice does not come to it. */
function without(state: ReconcileState, plan: readonly Planned[]): ReconcileState {
  const names = new Set<string>(plan.map(({ name }) => name));
  return Object.fromEntries(Object.entries(state).filter(([name]) => !names.has(name)));
}

function rateLimited(error: unknown): number | undefined {
  if (!(error instanceof ApiError) || error.code !== "CLERK_RATE_LIMITED") return undefined;
  return Number(error.headers["retry-after"]);
}
