/**
 * Users, for walks and sweeps. Clerk lists them by cursor, and by up to 100 ids.
 *
 * @module
 */
import type { ClerkApi } from "../_clerk-supabase/clerk/api.ts";
import { unavailable } from "../_clerk-supabase/clerk/request.ts";
import type { DeleteMode } from "../_clerk-supabase/config.ts";
import type { ApplyChanges } from "../_clerk-supabase/database/apply_changes.ts";
import type { ApplyItems } from "./apply_items.ts";
import type { KnownRow, Walk } from "./state.ts";
import type { RowSource, SweptKind } from "./sweep.ts";
import { PAGE, type Reader, type Reading, requireWholeList, smallerPage } from "./walk.ts";

/** How many ids are kept as cursors: a user who is deleted meanwhile is no cursor any more. */
const CURSORS = 10;
/** Clerk takes up to 100 ids at once; half of that keeps the memory small, whatever the users' metadata. */
const LOOKUPS = 50;

/**
 * Creates the reader of users.
 *
 * @param clerk The Backend API.
 * @returns The reader.
 */
export function createUsersReader(clerk: Pick<ClerkApi, "listUsers" | "countUsers">): Reader {
  return {
    begin: async () => ({ total: await clerk.countUsers(), recent: [] }),
    read: (walk) => readUsers(clerk, walk),
  };
}

async function readUsers(clerk: Pick<ClerkApi, "listUsers" | "countUsers">, walk: Walk): Promise<Reading> {
  const { recent = [] } = walk;
  const cursor = recent.at(-1);
  const page = await clerk.listUsers({
    limit: walk.page ?? PAGE,
    order_by: "+created_at",
    ...(cursor !== undefined && { starting_after: cursor }),
  });
  if (!page) return { walk: stepBack(walk, recent) };
  const { users, answeredAt, size, limit } = page;
  const items = walk.items + users.length;
  const isLast = users.length < limit;
  // Whoever was counted at the start may be gone by now.
  if (isLast && items < walk.total) {
    requireWholeList(items, await clerk.countUsers());
  }
  return {
    walk: {
      ...walk,
      recent: [...recent, ...users.map(({ id }) => id)].slice(-CURSORS),
      items,
      ...smallerPage(limit),
    },
    page: { items: users, answeredAt },
    size,
    isLast,
  };
}

/** To the next older cursor. Where none is left, from the start, once: what is read again is stale. */
function stepBack(walk: Walk, cursors: readonly string[]): Walk {
  const recent = cursors.slice(0, -1);
  if (recent.length > 0) return { ...walk, recent };
  const { drift: _, restarts = 0, ...rest } = walk;
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
    size: LOOKUPS,
    lookups: LOOKUPS,
    idOf,
    cursorOf: idOf,
    lookUp: async (asked) => {
      const page = await clerk.listUsers({ limit: LOOKUPS, user_id: asked.map(idOf) });
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
