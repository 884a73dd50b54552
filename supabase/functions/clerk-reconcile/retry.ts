/**
 * Retries users that the adopter's schema refused, and deletions, because the schema may be fixed by now. The daily
 * backfills retry organizations and memberships.
 *
 * @module
 */
import type { ClerkApi } from "../_clerk-supabase/clerk/api.ts";
import type { DeleteMode } from "../_clerk-supabase/config.ts";
import type { ApplyChanges } from "../_clerk-supabase/database/apply_changes.ts";
import type { ApplyItems } from "./apply_items.ts";
import { iso, type ReconcileState, type Retry, type Step, type Task } from "./state.ts";
import type { ReconcileStore, Refusal } from "./store.ts";

/** Dependencies of the retry. */
export interface RetryDeps {
  clerk: Pick<ClerkApi, "listUsers">;
  apply: ApplyChanges;
  applyItems: ApplyItems;
  store: Pick<ReconcileStore, "listRefusals" | "retryDeletions" | "retryOrganizationDeletions">;
  deleteMode: DeleteMode;
  organizationDeleteMode: DeleteMode;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** Users per request to Clerk, which allows 100 ids. */
const REFUSALS_PER_PAGE = 50;
/** Deletions per call of the database. The least recent attempts come first, so that all get their turn. */
const DELETIONS_PER_CALL = 500;

/**
 * Creates the retry. It starts with the deletions, which need no request to Clerk, and then fetches the other users
 * page by page.
 *
 * @param deps Clerk, the store and the write path.
 * @returns The task.
 */
export function createRetry(deps: RetryDeps): Task {
  return {
    name: "retry",
    begin: (state) => Promise.resolve({ ...state, retry: { started_at: iso(deps.now()), items: 0, total: 0 } }),
    step: (state) => {
      const retry = state.retry!;
      return retry.after === undefined
        ? retryDeletions(deps, state, retry)
        : retryUsers(deps, state, retry, retry.after);
    },
  };
}

/** In mode soft, rows are kept on purpose. Rows that could not be hidden are among the other refusals. */
async function retryDeletions(
  { store, deleteMode, organizationDeleteMode }: RetryDeps,
  state: ReconcileState,
  retry: Retry,
): Promise<Step> {
  const users = deleteMode === "hard" ? await store.retryDeletions(DELETIONS_PER_CALL) : [];
  const others = await store.retryOrganizationDeletions(DELETIONS_PER_CALL, organizationDeleteMode);
  return {
    state: { ...state, retry: { ...retry, after: "", items: users.length } },
    size: 0,
    results: [...users, ...others],
  };
}

async function retryUsers(deps: RetryDeps, state: ReconcileState, retry: Retry, after: string): Promise<Step> {
  const refusals = await deps.store.listRefusals(after, REFUSALS_PER_PAGE);
  const ids = refusals.filter(({ type }) => type !== "user.deleted").map(({ user_id }) => user_id);
  const page = ids.length === 0 ? undefined : await deps.clerk.listUsers({ limit: REFUSALS_PER_PAGE, user_id: ids });
  const results = [
    ...await hideRows(deps, refusals),
    ...page ? await deps.applyItems(page.users, page.answeredAt) : [],
  ];
  const next: Retry = {
    ...retry,
    after: refusals.at(-1)?.user_id ?? after,
    items: retry.items + ids.length,
    ...(refusals.length < REFUSALS_PER_PAGE && { finished_at: iso(deps.now()) }),
  };
  return { state: { ...state, retry: next }, size: page?.size ?? 0, results };
}

/** In mode soft, tries again to hide rows of deleted users that the schema did not allow to be hidden. */
async function hideRows({ apply, deleteMode, now }: RetryDeps, refusals: Refusal[]): Promise<Step["results"]> {
  if (deleteMode !== "soft") return [];
  const ids = refusals.filter(({ type, code }) => type === "user.deleted" && code !== "DELETE_BLOCKED")
    .map(({ user_id }) => user_id);
  if (ids.length === 0) return [];
  const outcomes = await apply(
    ids.map((user_id) => ({ type: "user.deleted", user_id, sent_at: now(), delete_mode: deleteMode })),
  );
  return ids.map((user_id, index) => ({ user_id, ...outcomes[index]! }));
}
