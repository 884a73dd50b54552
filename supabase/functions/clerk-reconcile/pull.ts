/**
 * The users updated last, down to the watermark: updates whose webhooks were missed.
 *
 * @module
 */
import type { ClerkApi, ClerkUser, UserPage } from "../_shared/clerk/api.ts";
import type { ApplyChanges } from "../_shared/database/apply_changes.ts";
import { applyUsers } from "./apply_users.ts";
import type { Pull, ReconcileState, Task } from "./state.ts";
import { OVERLAP } from "./walk.ts";

/** What a pull takes. */
export interface PullDeps {
  clerk: Pick<ClerkApi, "listUsers">;
  apply: ApplyChanges;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** The most that Clerk gives at once. */
const PAGE = 500;
/** Users of a page that the next one has again: some may be deleted between the two, and all behind them move up. */
const PAGES_OVERLAP = 50;

/**
 * Makes the pull. It needs a watermark: a complete backfill has set one.
 *
 * @param deps Clerk and the write path.
 * @returns The task.
 */
export function createPull({ clerk, apply, now }: PullDeps): Task {
  return {
    name: "pull",
    begin: (state) => {
      const pull: Pull = { started_at: new Date(now()).toISOString(), users: 0, total: 0, offset: 0 };
      return Promise.resolve({ ...state, pull });
    },
    step: async (state) => {
      const pull = state.pull!;
      const page = await clerk.listUsers({ limit: PAGE, offset: pull.offset, order_by: "-updated_at" });
      // Without a cursor, Clerk has none to refuse.
      if (!page) throw new TypeError("Cannot pull: no page");
      if (!reachesUpTo(pull, page)) return { state: stepBack(state, pull), size: page.size, results: [] };
      const watermark = state.watermark ?? 0;
      const news = page.users.filter((user) => !isBefore(user, watermark));
      const results = await applyUsers(apply, news, page.answeredAt);
      const done = page.users.length < PAGE || page.users.some((user) => isBefore(user, watermark));
      return { state: advance(state, pull, page, done ? now() : undefined, news.length), size: page.size, results };
    },
  };
}

/** Whether nobody is left out between the page before and this one. */
function reachesUpTo({ last, offset }: Pull, { users }: UserPage): boolean {
  if (last === undefined || offset === 0) return true;
  const first = users[0];
  return first !== undefined && (timeOf(first) > last.updated_at || users.some(({ id }) => id === last.id));
}

/** Users moved up, or the last one is gone: a page earlier there is somebody known. */
function stepBack(state: ReconcileState, pull: Pull): ReconcileState {
  return { ...state, pull: { ...pull, offset: Math.max(0, pull.offset - PAGE) } };
}

function advance(
  state: ReconcileState,
  pull: Pull,
  { users, answeredAt }: UserPage,
  finishedAt: number | undefined,
  taken: number,
): ReconcileState {
  // A user from the future would hide all updates until then.
  const newest = pull.newest ?? users.map(timeOf).find((time) => time > 0 && time <= answeredAt);
  const last = users.at(-1);
  const next: Pull = {
    ...pull,
    users: pull.users + taken,
    offset: Math.max(0, pull.offset + users.length - PAGES_OVERLAP),
    ...(newest !== undefined && { newest }),
    ...(last && { last: { id: last.id, updated_at: timeOf(last) } }),
    ...(finishedAt !== undefined && { finished_at: new Date(finishedAt).toISOString() }),
  };
  const reached = finishedAt !== undefined && newest !== undefined ? newest - OVERLAP : 0;
  const watermark = Math.max(state.watermark ?? 0, reached);
  return { ...state, pull: next, ...(watermark > 0 && { watermark }) };
}

function isBefore(user: ClerkUser, watermark: number): boolean {
  const time = timeOf(user);
  return time > 0 && time < watermark;
}

function timeOf({ updated_at }: ClerkUser): number {
  return typeof updated_at === "number" ? updated_at : 0;
}
