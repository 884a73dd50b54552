/**
 * Users, for backfills and sweeps. Clerk lists them by cursor, and by up to 100 ids.
 *
 * @module
 */
import type { ClerkApi } from "../_clerk-supabase/clerk/api.ts";
import { unavailable } from "../_clerk-supabase/clerk/request.ts";
import type { DeleteMode } from "../_clerk-supabase/config.ts";
import type { ApplyChanges } from "../_clerk-supabase/database/apply_changes.ts";
import type { ApplyItems } from "./apply_items.ts";
import type { BackfillProgress, KnownRow } from "./state.ts";
import type { RowSource, SweptKind } from "./sweep.ts";
import { ITEMS_PER_PAGE, type Reader, type Reading, requireWholeList, smallerPage } from "./backfill.ts";

/** How many ids are kept as cursors: a user who is deleted meanwhile is no cursor any more. */
const KEPT_CURSORS = 10;
/** Clerk takes up to 100 ids at once; half of that keeps the memory small, whatever the users' metadata. */
const IDS_PER_LOOKUP = 50;

/**
 * Creates the reader of users.
 *
 * @param clerk The Backend API.
 * @returns The reader.
 */
export function createUsersReader(clerk: Pick<ClerkApi, "listUsers" | "countUsers">): Reader {
  return {
    begin: async () => ({ total: await clerk.countUsers(), recent: [] }),
    read: (progress) => readUsers(clerk, progress),
  };
}

async function readUsers(
  clerk: Pick<ClerkApi, "listUsers" | "countUsers">,
  progress: BackfillProgress,
): Promise<Reading> {
  const { recent = [] } = progress;
  const cursor = recent.at(-1);
  const page = await clerk.listUsers({
    limit: progress.page ?? ITEMS_PER_PAGE,
    order_by: "+created_at",
    ...(cursor !== undefined && { starting_after: cursor }),
  });
  if (!page) return { progress: stepBack(progress, recent) };
  const { users, answeredAt, size, limit } = page;
  const items = progress.items + users.length;
  const isLast = users.length < limit;
  // Whoever was counted at the start may be gone by now.
  if (isLast && items < progress.total) {
    requireWholeList(items, await clerk.countUsers());
  }
  return {
    progress: {
      ...progress,
      recent: [...recent, ...users.map(({ id }) => id)].slice(-KEPT_CURSORS),
      items,
      ...smallerPage(limit),
    },
    page: { items: users, answeredAt },
    size,
    isLast,
  };
}

/** To the next older cursor. Where none is left, from the start, once: what is read again is stale. */
function stepBack(progress: BackfillProgress, cursors: readonly string[]): BackfillProgress {
  const recent = cursors.slice(0, -1);
  if (recent.length > 0) return { ...progress, recent };
  const { drift: _, restarts = 0, ...rest } = progress;
  if (restarts > 0) throw unavailable({ code: "cursors refused" });
  return { ...rest, recent, items: 0, restarts: 1 };
}

/** Dependencies of the users' sweep. */
export interface SweptUsersDeps extends RowSource {
  clerk: Pick<ClerkApi, "listUsers" | "findUser">;
  apply: ApplyChanges;
  applyItems: ApplyItems;
  deleteMode: DeleteMode;
}

/**
 * Creates what a sweep knows of users.
 *
 * @param deps Clerk, the rows and the write path.
 * @returns The kind.
 */
export function createSweptUsers({ clerk, apply, applyItems, deleteMode, ...rows }: SweptUsersDeps): SweptKind {
  return {
    kind: "users",
    ...rows,
    size: IDS_PER_LOOKUP,
    lookups: IDS_PER_LOOKUP,
    idOf,
    cursorOf: idOf,
    lookUp: async (asked) => {
      const page = await clerk.listUsers({ limit: IDS_PER_LOOKUP, user_id: asked.map(idOf) });
      // Without a cursor, Clerk has none to refuse.
      if (!page) throw new TypeError("Cannot sweep: no list");
      const { users, answeredAt, size } = page;
      return { present: new Set(users.map(({ id }) => id)), answeredAt, size };
    },
    settle: async (row) => {
      const { user, answeredAt } = await clerk.findUser(idOf(row));
      if (user) return { results: await applyItems([user], answeredAt), isGone: false };
      const [outcome] = await apply([{
        type: "user.deleted",
        user_id: idOf(row),
        sent_at: answeredAt,
        event_at: answeredAt,
        delete_mode: deleteMode,
      }]);
      return { results: [{ user_id: idOf(row), ...outcome! }], isGone: true };
    },
  };
}

function idOf({ user_id = "" }: KnownRow): string {
  return user_id;
}
