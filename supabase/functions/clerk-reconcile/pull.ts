/**
 * The users updated last, down to the watermark: updates whose webhooks were missed.
 *
 * @module
 */
import type { ClerkApi, UserObject, UserPage } from "../_clerk-supabase/clerk/api.ts";
import { unavailable } from "../_clerk-supabase/clerk/request.ts";
import type { ApplyItems } from "./apply_items.ts";
import { follow, isInOrder, isLost } from "./offset.ts";
import { iso, type OffsetPlace, type Pull, type ReconcileState, type Task } from "./state.ts";
import { ITEMS_PER_PAGE, OVERLAP_MS, smallerPage } from "./backfill.ts";

/** What a pull takes. */
export interface PullDeps {
  clerk: Pick<ClerkApi, "listUsers">;
  applyItems: ApplyItems;
  /** What takes over where there is too much to pull. */
  backfill: Pick<Task, "begin">;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** A page's users by those that the next one has again: users may be deleted between, and all behind them move up. */
const OVERLAPPING_ITEMS = 5;
/** Clerk gets slower the larger the offset is, and then gives up. A backfill has no offset. */
const MAX_OFFSET = 10_000;
/**
 * Makes the pull. It needs a watermark: a complete backfill has set one.
 *
 * @param deps Clerk and the write path.
 * @returns The task. Where it gives up, it has begun a backfill, and there is no watermark.
 */
export function createPull({ clerk, applyItems, backfill, now }: PullDeps): Task {
  return {
    name: "pull",
    begin: (state) => {
      const pull: Pull = { started_at: iso(now()), items: 0, total: 0, offset: 0 };
      return Promise.resolve({ ...state, pull });
    },
    step: async (state) => {
      const pull = state.pull!;
      if (pull.offset > MAX_OFFSET || isLost(pull)) {
        return { state: await giveUp(state, pull, backfill, now), size: 0, results: [] };
      }
      const page = await clerk.listUsers({
        limit: pull.page ?? ITEMS_PER_PAGE,
        offset: pull.offset,
        order_by: "-updated_at",
      });
      // Without a cursor, Clerk has none to refuse.
      if (!page) throw new TypeError("Cannot pull: no page");
      if (!isInOrder(page.users, newestFirst)) throw unavailable({ code: "order" });
      const { place, fresh } = followPage(pull, page);
      if (!fresh) {
        return {
          state: {
            ...state,
            pull: { ...pull, ...place, ...smallerPage(page.limit) },
          },
          size: page.size,
          results: [],
        };
      }
      // A watermark ahead of Clerk's clock would hide all updates until then.
      const watermark = Math.min(state.watermark ?? 0, page.answeredAt - OVERLAP_MS);
      const news = page.users.filter((user) => !isBefore(user, watermark));
      const results = await applyItems(news, page.answeredAt);
      const isLast = page.users.length < page.limit || page.users.some((user) => isBefore(user, watermark));
      const next = advance({ ...pull, ...place }, page, news.length);
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
function newestFirst(user: UserObject): number {
  return -timeOf(user);
}

/** Where many users have one moment, Clerk's order of them may change, and pages fail to meet. */
function followPage({ offset, last, setbacks = 0 }: Pull, { users, limit }: UserPage) {
  const place: OffsetPlace = { offset, setbacks, ...(last && { last }) };
  return follow(place, { items: users, orderOf: newestFirst, limit, overlap: limit / OVERLAPPING_ITEMS });
}

function advance(pull: Pull, { users, answeredAt, limit }: UserPage, taken: number): Pull {
  // A user from the future would hide all updates until then.
  const newest = pull.newest ?? users.map(timeOf).find((time) => time > 0 && time <= answeredAt);
  return { ...pull, items: pull.items + taken, ...smallerPage(limit), ...(newest !== undefined && { newest }) };
}

function finish(state: ReconcileState, pull: Pull, watermark: number, now: number): ReconcileState {
  const reached = pull.newest === undefined ? 0 : pull.newest - OVERLAP_MS;
  const next = Math.max(watermark, reached);
  return { ...state, pull: { ...pull, finished_at: iso(now) }, ...(next > 0 && { watermark: next }) };
}

function isBefore(user: UserObject, watermark: number): boolean {
  const time = timeOf(user);
  return time > 0 && time < watermark;
}

function timeOf({ updated_at }: UserObject): number {
  return typeof updated_at === "number" ? updated_at : 0;
}
