/**
 * Reading organizations and memberships: Clerk lists them by offset only.
 *
 * @module
 */
import type { ClerkObject, ClerkPage, ListQuery } from "../_clerk-supabase/clerk/organizations_api.ts";
import { unavailable } from "../_clerk-supabase/clerk/request.ts";
import { follow, isInOrder, isLost } from "./offset.ts";
import type { OffsetPlace, Walk } from "./state.ts";
import { PAGE, type Reading, requireWholeList, smallerPage } from "./walk.ts";

/** What the next page has again. Fewer would tell a gap as well; some spare a second look if items are deleted meanwhile. */
const PAGES_OVERLAP = 5;

/** Asks for a page. Undefined if Clerk has no such list. */
export type ListPage = (query: ListQuery) => Promise<ClerkPage | undefined>;

/**
 * Reads the next page of a list, the oldest items first.
 *
 * @param list The list.
 * @param walk Where it is read on.
 * @param otherwise What to do if Clerk has no such list, and if it is not in order, so that pages would leave items out.
 * @returns The page, unless it might leave a gap behind the one before.
 */
export async function readByOffset(
  list: ListPage,
  walk: Walk,
  { without, unordered = failUnordered }: {
    without: () => Promise<Reading>;
    unordered?: (total: number) => Promise<Reading>;
  },
): Promise<Reading> {
  const place = placeOf(walk);
  const page = await list({ limit: walk.page ?? PAGE, offset: place.offset, order_by: "+created_at" });
  if (!page) return await without();
  const { items, total, answeredAt, size, limit } = page;
  const isWhole = place.offset === 0 && items.length < limit;
  if (!isWhole && (isLost(place) || !isInOrder(items, createdAt))) return await unordered(total);
  const { place: next, fresh } = follow(place, { items, orderOf: createdAt, limit, overlap: PAGES_OVERLAP });
  const read: Walk = { ...walk, ...next, total, items: walk.items + (fresh?.length ?? 0), ...smallerPage(limit) };
  if (!fresh) return { walk: read, size };
  const isLast = items.length < limit;
  if (isLast) requireWholeList(read.items, total);
  return { walk: read, page: { items: fresh, answeredAt }, size, isLast };
}

function placeOf({ offset = 0, last, setbacks }: Walk): OffsetPlace {
  return { offset, ...(last && { last }), ...(setbacks !== undefined && { setbacks }) };
}

function failUnordered(): Promise<never> {
  throw unavailable({ code: "order" });
}

function createdAt({ created_at }: ClerkObject): number {
  return typeof created_at === "number" ? created_at : 0;
}
