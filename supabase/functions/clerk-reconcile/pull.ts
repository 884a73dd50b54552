/**
 * Reads the users that were updated since the watermark, to repair missed webhooks.
 *
 * @module
 */
import type { ClerkApi, UserObject, UserPage } from "../_clerk-supabase/clerk/api.ts";
import { unavailable } from "../_clerk-supabase/clerk/request.ts";
import type { ApplyItems } from "./apply_items.ts";
import { follow, isInOrder, isLost } from "./offset.ts";
import { iso, type OffsetPlace, type Pull, type ReconcileState, type Task } from "./state.ts";
import { ITEMS_PER_PAGE, OVERLAP_MS, smallerPage } from "./backfill.ts";

/** Dependencies of a pull. */
export interface PullDeps {
  clerk: Pick<ClerkApi, "listUsers">;
  applyItems: ApplyItems;
  /** Starts a backfill if there is too much to pull. */
  backfill: Pick<Task, "begin">;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** A fifth of a page overlaps with the next one, because deleted users move all users after them up. */
const OVERLAP_DIVISOR = 5;
/** Clerk becomes slower with larger offsets and finally fails. A backfill does not use offsets. */
const MAX_OFFSET = 10_000;

/**
 * Creates the pull. It needs a watermark, which a complete backfill sets.
 *
 * @param deps Clerk and the write path.
 * @returns The task. If it gives up, it starts a backfill and removes the watermark.
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
      // Only a request with a cursor can return undefined.
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
      // A watermark in the future of Clerk's clock would hide all updates until that time.
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

/** Without this order, the first old user would not be the end of the new ones. */
function newestFirst(user: UserObject): number {
  return -timeOf(user);
}

/** If many users have the same time, their order at Clerk may change, and pages do not overlap. */
function followPage({ offset, last, setbacks = 0 }: Pull, { users, limit }: UserPage) {
  const place: OffsetPlace = { offset, setbacks, ...(last && { last }) };
  return follow(place, { items: users, orderOf: newestFirst, limit, overlap: limit / OVERLAP_DIVISOR });
}

function advance(pull: Pull, { users, answeredAt, limit }: UserPage, taken: number): Pull {
  // A time in the future would hide all updates until that time.
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
