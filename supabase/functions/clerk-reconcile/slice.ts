/**
 * One call's work: as much of its tasks as fits into the limits of a function, under the lease.
 *
 * @module
 */
import { ApiError } from "../_clerk-supabase/errors.ts";
import type { ReconcileRequest } from "./input.ts";
import type { InstanceBinding } from "./instance.ts";
import { type Planned, planTasks } from "./plan.ts";
import { createReport, describeTask, type Report, type Tally } from "./report.ts";
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

/** What a slice takes. */
export interface SliceDeps {
  store: Pick<ReconcileStore, "lease" | "save" | "release">;
  /** The Clerk instance that the database is bound to. */
  instance: InstanceBinding;
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
const SLICE_WALL_MS = 20_000;
/**
 * What reading Clerk's answers may cost a slice, in characters, which stand for half a second of CPU: reading, mapping
 * and sending a million of them took about 35 ms.
 */
const SLICE_SIZE_CHARS = 8 * 1024 * 1024;

/**
 * Works for one slice.
 *
 * @param deps Store, tasks, clock.
 * @param request What the caller asked for.
 * @returns What was done, and whether anything is left.
 * @throws {ApiError} `RECONCILE_RUNNING`, `DATABASE_OF_OTHER_INSTANCE`, `SWEEP_REFUSED`, and the errors of Clerk and the
 * database. A task that fails does not keep the next one from its work; the first failure is thrown in the end, when
 * everything that was done is stored.
 */
export async function runSlice(deps: SliceDeps, request: ReconcileRequest): Promise<Report> {
  // A move takes the lease from any slice that is at work.
  if (request.bind !== undefined) await deps.instance.move(request.bind);
  const slice = new Slice(deps, request, await deps.store.lease());
  try {
    await deps.instance.require({ mayBind: !request.dryRun });
    await slice.run();
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

  /** Task by task, until all are done or the slice is used up. */
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
      // A pull goes on from where the tasks before it came to.
      if (!isComplete || (name === "pull" && failures.length > 0)) continue;
      try {
        isComplete = await this.#work(tasks[name], begin);
      } catch (error) {
        if (isLeaseLost(error)) throw error;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    // A pull that gave up has begun a backfill.
    const gaveUp = plan.some(({ name }) => name === "pull") &&
      isUnfinished(this.#lease.state, "backfill");
    this.#done = isComplete && !gaveUp;
  }

  /** Does a task to its end; false if the slice is used up, or Clerk wants it to wait. */
  async #work(task: Task, begin: boolean): Promise<boolean> {
    const before = this.#task;
    this.#task = task.name;
    if (begin && !await this.#attempt(async () => this.#store(await task.begin(this.#lease.state)))) return false;
    while (this.#lease.state[task.name]?.finished_at === undefined) {
      if (this.#isUsedUp() || !await this.#attempt(() => this.#step(task))) return false;
    }
    // A project without organizations has nothing to report of them.
    const hasNone = describeTask(task.name).kind !== "users" && this.#lease.state[task.name]?.items === 0;
    if (hasNone && before !== null) this.#task = before;
    return true;
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
      // A deletion that was blocked has a code as well: the user is deleted, and the row is hidden.
      if ("code" in result && this.#tally.refused.length < MAX_EXAMPLES) {
        const { outcome: _, code, detail, ...id } = result;
        this.#tally.refused.push({ ...id, code: code!, ...(detail && { detail }) });
      }
    }
  }

  /** Waits if Clerk asks for it and the slice has the time; returns false if the next call has to wait. */
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
 * The state that a slice starts from. Tasks to begin again are forgotten at once, so that they are still to be done if this
 * slice does not come to them. The time of a kind's first backfill stays, however often it begins again.
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
  return Number(error.headers["retry-after"]);
}
