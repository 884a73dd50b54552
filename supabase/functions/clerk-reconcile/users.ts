/**
 * Reads users from Clerk for backfills, and looks them up for sweeps. Clerk lists users by cursor, or by up to 100 ids.
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

/** Number of ids to keep as cursors. There are several, because a deleted user is not a valid cursor. */
const KEPT_CURSORS = 10;
/** Clerk allows 100 ids per request. Half of that limits the memory for users with much metadata. */
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
  // Some of the users that were counted at the start may be deleted by now.
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

/** Returns to the next older cursor or, if none is left, to the start, once. Users that are read again are stale. */
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
 * Creates the sweep's access to users.
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
      // Only a request with a cursor can return undefined.
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
