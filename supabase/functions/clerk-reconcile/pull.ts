/**
 * The users updated last, down to the watermark: updates whose webhooks were missed.
 *
 * @module
 */
import type { ClerkApi, UserObject, UserPage } from "../_shared/clerk/api.ts";
import { unavailable } from "../_shared/clerk/request.ts";
import type { ApplyUsers } from "./apply_users.ts";
import { iso, type Pull, type ReconcileState, type Task } from "./state.ts";
import { OVERLAP, PAGE, smallerPage } from "./walk.ts";

/** What a pull takes. */
export interface PullDeps {
  clerk: Pick<ClerkApi, "listUsers">;
  applyUsers: ApplyUsers;
  /** What takes over where there is too much to pull. */
  backfill: Pick<Task, "begin">;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** A page's users by those that the next one has again: users may be deleted between, and all behind them move up. */
const PAGES_OVERLAP = 5;
/** Clerk gets slower the larger the offset is, and then gives up. A backfill has no offset. */
const DEEPEST = 10_000;
/** How often pages may fail to meet: where many users have one moment, Clerk's order of them may change. */
const SETBACKS = 5;

/**
 * Makes the pull. It needs a watermark: a complete backfill has set one.
 *
 * @param deps Clerk and the write path.
 * @returns The task. Where it gives up, it has begun a backfill, and there is no watermark.
 */
export function createPull({ clerk, applyUsers, backfill, now }: PullDeps): Task {
  return {
    name: "pull",
    begin: (state) => {
      const pull: Pull = { started_at: iso(now()), users: 0, total: 0, offset: 0 };
      return Promise.resolve({ ...state, pull });
    },
    step: async (state) => {
      const pull = state.pull!;
      if (pull.offset > DEEPEST || (pull.setbacks ?? 0) > SETBACKS) {
        return { state: await giveUp(state, pull, backfill, now), size: 0, results: [] };
      }
      const page = await clerk.listUsers({ limit: pull.page ?? PAGE, offset: pull.offset, order_by: "-updated_at" });
      // Without a cursor, Clerk has none to refuse.
      if (!page) throw new TypeError("Cannot pull: no page");
      expectOrder(page);
      if (!reachesUpTo(pull, page)) return { state: stepBack(state, pull, page), size: page.size, results: [] };
      // A watermark ahead of Clerk's clock would hide all updates until then.
      const watermark = Math.min(state.watermark ?? 0, page.answeredAt - OVERLAP);
      const news = page.users.filter((user) => !isBefore(user, watermark));
      const results = await applyUsers(news, page.answeredAt);
      const isLast = page.users.length < page.limit || page.users.some((user) => isBefore(user, watermark));
      const next = advance(pull, page, news.length);
      if (!isLast) return { state: { ...state, pull: next }, size: page.size, results };
      return { state: finish(state, next, watermark, now()), size: page.size, results };
    },
  };
}

async function giveUp(
  state: ReconcileState,
  pull: Pull,
  backfill: PullDeps["backfill"],
  now: () => number,
): Promise<ReconcileState> {
  const { watermark: _, ...rest } = await backfill.begin(state);
  return { ...rest, pull: { ...pull, finished_at: iso(now()) } };
}

/** In another order, the first old user would not be the last new one. */
function expectOrder({ users }: UserPage): void {
  const times = users.map(timeOf).filter((time) => time > 0);
  if (times.some((time, index) => index > 0 && time > times[index - 1]!)) throw unavailable({ code: "order" });
}

/** Whether nobody is left out between the page before and this one. */
function reachesUpTo({ last, offset }: Pull, { users }: UserPage): boolean {
  if (last === undefined || offset === 0) return true;
  const first = users[0];
  return first !== undefined && (timeOf(first) > last.updated_at || users.some(({ id }) => id === last.id));
}

/** Users moved up, or the last one is gone: a page earlier there is somebody known. */
function stepBack(state: ReconcileState, pull: Pull, { limit }: UserPage): ReconcileState {
  const offset = Math.max(0, pull.offset - limit);
  return { ...state, pull: { ...pull, offset, setbacks: (pull.setbacks ?? 0) + 1, ...smallerPage(limit) } };
}

function advance(pull: Pull, { users, answeredAt, limit }: UserPage, taken: number): Pull {
  // A user from the future would hide all updates until then.
  const newest = pull.newest ?? users.map(timeOf).find((time) => time > 0 && time <= answeredAt);
  const last = users.at(-1);
  return {
    ...pull,
    users: pull.users + taken,
    offset: Math.max(0, pull.offset + users.length - limit / PAGES_OVERLAP),
    ...smallerPage(limit),
    ...(newest !== undefined && { newest }),
    ...(last && { last: { id: last.id, updated_at: timeOf(last) } }),
  };
}

function finish(state: ReconcileState, pull: Pull, watermark: number, now: number): ReconcileState {
  const reached = pull.newest === undefined ? 0 : pull.newest - OVERLAP;
  const next = Math.max(watermark, reached);
  return {
    ...state,
    pull: { ...pull, finished_at: iso(now) },
    ...(next > 0 && { watermark: next }),
  };
}

function isBefore(user: UserObject, watermark: number): boolean {
  const time = timeOf(user);
  return time > 0 && time < watermark;
}

function timeOf({ updated_at }: UserObject): number {
  return typeof updated_at === "number" ? updated_at : 0;
}
