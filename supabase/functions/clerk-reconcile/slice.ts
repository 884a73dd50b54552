/**
 * The work of one call: as many steps of its tasks as the limits of a function allow, under the lease.
 *
 * @module
 */
import { ApiError } from "../_clerk-supabase/errors.ts";
import type { ReconcileRequest } from "./input.ts";
import type { InstanceBinding } from "./instance_binding.ts";
import { type Planned, planTasks } from "./plan.ts";
import { createReport, describeTask, type ReconcileReport, type Tally } from "./report.ts";
import {
  isUnfinished,
  type Kind,
  KINDS,
  MAX_EXAMPLES,
  type ReconcileState,
  type Step,
  type Task,
  TASK_NAMES,
  type TaskName,
  touch,
} from "./state.ts";
import type { Lease, ReconcileStore } from "./store.ts";

/** Dependencies of a slice. */
export interface SliceDeps {
  store: Pick<ReconcileStore, "lease" | "save" | "release">;
  /** Checks the Clerk instance that the database is bound to. */
  instance: InstanceBinding;
  /** Creates the tasks of a request, by name. */
  tasks: (request: ReconcileRequest) => Record<TaskName, Task>;
  /** Returns the number of requests to Clerk of this process. */
  requests: () => number;
  /** The clock, in milliseconds. */
  now: () => number;
  /** Waits for milliseconds. */
  sleep: (milliseconds: number) => Promise<void>;
}

/** A slice starts no new step after this time. */
const SLICE_WALL_MS = 20_000;
/**
 * Upper limit of the cost of reading Clerk's responses in one slice. It stands for half a second of CPU time: reading,
 * mapping and sending a million characters takes about 35 ms.
 */
const SLICE_SIZE_CHARS = 8 * 1024 * 1024;

/**
 * Runs one slice.
 *
 * @param deps Store, tasks, clock.
 * @param request The caller's options.
 * @returns The work that was done, and whether anything is left.
 * @throws {ApiError} `RECONCILE_RUNNING`, `DATABASE_OF_OTHER_INSTANCE`, `SWEEP_REFUSED`, and the errors of Clerk and
 * the database. The tasks after a failed one still run. The first error is thrown at the end, after all work is stored.
 */
export async function runSlice(deps: SliceDeps, request: ReconcileRequest): Promise<ReconcileReport> {
  // A move takes the lease away from a slice that is running.
  if (request.bind !== undefined) await deps.instance.move(request.bind);
  const slice = new Slice(deps, request, await deps.store.lease());
  try {
    await deps.instance.require({ mayBind: !request.dryRun });
    await slice.run();
  } catch (error) {
    // The state was stored after each step, and a lease that cannot be released expires.
    await slice.release().catch(() => {});
    throw error;
  }
  await slice.release();
  return slice.report();
}

class Slice {
  readonly #started: number;
  readonly #requestsBefore: number;
  readonly #tally: Tally = { items: { users: 0, organizations: 0, memberships: 0 }, outcomes: {}, refused: [] };
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

  /** Runs the tasks until all are done or the limits are reached. */
  async run(): Promise<void> {
    const tasks = this.deps.tasks(this.request);
    const plan = planTasks(this.request, this.#lease.state, this.deps.now());
    this.#lease = {
      ...this.#lease,
      state: startState(this.#lease, this.request, plan),
    };
    const failures: unknown[] = [];
    let isComplete = true;
    for (const { name, begin } of plan) {
      // A pull depends on the tasks before it.
      if (!isComplete || (name === "pull" && failures.length > 0)) continue;
      try {
        isComplete = await this.#work(tasks[name], begin);
      } catch (error) {
        if (isLeaseLost(error)) throw error;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    // A pull that gives up starts a backfill.
    const gaveUp = plan.some(({ name }) => name === "pull") &&
      isUnfinished(this.#lease.state, "backfill");
    this.#done = isComplete && !gaveUp;
  }

  /** Runs a task to its end. Returns false if the limits are reached or Clerk's rate limit requires a wait. */
  async #work(task: Task, begin: boolean): Promise<boolean> {
    const before = this.#task;
    this.#task = task.name;
    if (begin && !await this.#attempt(async () => this.#store(await task.begin(this.#lease.state)))) return false;
    while (this.#lease.state[task.name]?.finished_at === undefined) {
      if (this.#isUsedUp() || !await this.#attempt(() => this.#step(task))) return false;
    }
    // Tasks for organizations are not reported by a project without organizations.
    const hasNone = describeTask(task.name).kind !== "users" && this.#lease.state[task.name]?.items === 0;
    if (hasNone && before !== null) this.#task = before;
    return true;
  }

  release(): Promise<void> {
    return this.deps.store.release(this.#lease);
  }

  report(): ReconcileReport {
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
    const items = (state[task.name]?.items ?? 0) - (this.#lease.state[task.name]?.items ?? 0);
    this.#count(describeTask(task.name).kind, items, results);
    this.#size += size;
    await this.#store(touch(state, task.name, this.deps.now()));
    if (error) throw error;
  }

  async #store(state: Lease["state"]): Promise<void> {
    this.#lease = { ...this.#lease, state };
    await this.deps.store.save(this.#lease);
  }

  #count(kind: Kind, items: number, results: Step["results"]): void {
    this.#tally.items[kind] += Math.max(0, items);
    for (const result of results) {
      this.#tally.outcomes[result.outcome] = (this.#tally.outcomes[result.outcome] ?? 0) + 1;
      // A blocked deletion also has a code: the user is deleted, and the row is hidden.
      if ("code" in result && this.#tally.refused.length < MAX_EXAMPLES) {
        const { outcome: _, code, detail, ...id } = result;
        this.#tally.refused.push({ ...id, code: code!, ...(detail && { detail }) });
      }
    }
  }

  /** Waits for Clerk's rate limit if the slice has enough time. Returns false if the next call has to wait. */
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
    return this.#started + SLICE_WALL_MS - this.deps.now();
  }

  #isUsedUp(): boolean {
    return this.#left() <= 0 || this.#size >= SLICE_SIZE_CHARS;
  }
}

/**
 * Returns the initial state of a slice. It removes tasks that must start again, so that they stay due if this slice
 * does not reach them. The time of a kind's first backfill is kept when the backfill starts again.
 */
function startState(
  { state, takenAt }: Lease,
  { restart }: ReconcileRequest,
  plan: readonly Planned[],
): ReconcileState {
  const names = new Set<string>(plan.map(({ name }) => name));
  const kept = restart ? Object.fromEntries(Object.entries(state).filter(([name]) => !names.has(name))) : state;
  const imported = KINDS.filter((kind) => names.has(TASK_NAMES[kind].backfill));
  if (imported.length === 0) return kept;
  const proofs = imported.map((kind) => [kind, { imported_at: takenAt, ...state.proofs?.[kind] }]);
  return { ...kept, proofs: { ...state.proofs, ...Object.fromEntries(proofs) } };
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof ApiError && error.code === "RECONCILE_RUNNING";
}

function rateLimited(error: unknown): number | undefined {
  if (!(error instanceof ApiError) || error.code !== "CLERK_RATE_LIMITED") return undefined;
  return error.retryAfterSeconds;
}
