/**
 * Reads organizations and memberships, which Clerk lists only by offset.
 *
 * @module
 */
import type { ClerkObject, ClerkPage, ListQuery } from "../_clerk-supabase/clerk/organizations_api.ts";
import { unavailable } from "../_clerk-supabase/clerk/request.ts";
import { follow, isInOrder, isLost } from "./offset.ts";
import type { BackfillProgress, OffsetPlace } from "./state.ts";
import { ITEMS_PER_PAGE, type Reading, requireWholeList, smallerPage } from "./backfill.ts";

/**
 * Items that the next page repeats. One would show a gap; more avoid another request if items are deleted meanwhile.
 */
const OVERLAPPING_ITEMS = 5;

/** Fetches a page. Returns undefined if Clerk does not have the list. */
export type ListPage = (query: ListQuery) => Promise<ClerkPage | undefined>;

/**
 * Reads the next page of a list, oldest items first.
 *
 * @param list The list.
 * @param progress The current place.
 * @param otherwise Called if Clerk does not have the list, or if it is not in order, so that pages would skip items.
 * @returns The page, unless it might leave a gap after the previous one.
 */
export async function readByOffset(
  list: ListPage,
  progress: BackfillProgress,
  { without, unordered = failUnordered }: {
    without: () => Promise<Reading>;
    unordered?: (total: number) => Promise<Reading>;
  },
): Promise<Reading> {
  const place = placeOf(progress);
  const page = await list({ limit: progress.page ?? ITEMS_PER_PAGE, offset: place.offset, order_by: "+created_at" });
  if (!page) return await without();
  const { items, total, answeredAt, size, limit } = page;
  const isWhole = place.offset === 0 && items.length < limit;
  if (!isWhole && (isLost(place) || !isInOrder(items, createdAt))) return await unordered(total);
  const { place: next, fresh } = follow(place, { items, orderOf: createdAt, limit, overlap: OVERLAPPING_ITEMS });
  const read: BackfillProgress = {
    ...progress,
    ...next,
    total,
    items: progress.items + (fresh?.length ?? 0),
    ...smallerPage(limit),
  };
  if (!fresh) return { progress: read, size };
  const isLast = items.length < limit;
  if (isLast) requireWholeList(read.items, total);
  return { progress: read, page: { items: fresh, answeredAt }, size, isLast };
}

function placeOf({ offset = 0, last, setbacks }: BackfillProgress): OffsetPlace {
  return { offset, ...(last && { last }), ...(setbacks !== undefined && { setbacks }) };
}

function failUnordered(): Promise<never> {
  throw unavailable({ code: "order" });
}

function createdAt({ created_at }: ClerkObject): number {
  return typeof created_at === "number" ? created_at : 0;
}
