/**
 * The caller's resumes, read and written as the caller: row level security decides, and the database fills in the
 * owner.
 *
 * @module
 */
import type { Session } from "../_clerk-supabase/auth/token.ts";
import type { DataApiConfig } from "../_clerk-supabase/config.ts";
import { createCallerClients } from "../_clerk-supabase/database/clients.ts";
import { callerFailure, type Failure } from "../_clerk-supabase/database/failure.ts";
import type { Database } from "../_clerk-supabase/database/types.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import type { Page } from "../_clerk-supabase/http/page.ts";
import type { ResumeInput } from "./input.ts";

/** A resume as callers get it. */
export type Resume = Omit<Database["public"]["Tables"]["resumes"]["Row"], "user_id">;

/** A resume in a list: without its content, so that a page of any resumes is a small answer. */
export type ResumeSummary = Omit<Resume, "content">;

/** The caller's resumes. Each throws what the Data API's failures mean. */
export interface ResumeStore {
  /** The page's resumes, the newest first, and one more where there are more. */
  list: (session: Session, page: Page) => Promise<ResumeSummary[]>;
  create: (session: Session, resume: ResumeInput) => Promise<Resume>;
  /** Undefined where the caller has no such resume. */
  read: (session: Session, id: string) => Promise<Resume | undefined>;
  replace: (session: Session, id: string, resume: ResumeInput) => Promise<Resume | undefined>;
  /** Whether there was one. */
  remove: (session: Session, id: string) => Promise<boolean>;
}

const COLUMNS = "id, title, content, created_at, updated_at";
const SUMMARY = "id, title, created_at, updated_at";
/** Row level security refused: the caller has no row to own a resume with. */
const NO_OWNER = "42501";

/**
 * Makes the store.
 *
 * @param config The project's URL and a publishable key.
 * @returns The store.
 */
export function createResumeStore(config: DataApiConfig): ResumeStore {
  const clientOf = createCallerClients(config);
  const resumes = ({ token }: Session) => clientOf(token).from("resumes");
  return {
    async list(session, { limit, after }) {
      let query = resumes(session).select(SUMMARY);
      if (after) {
        const { createdAt, id } = after;
        query = query.or(`created_at.lt."${createdAt}",and(created_at.eq."${createdAt}",id.lt.${id})`);
      }
      const ordered = query.order("created_at", { ascending: false }).order("id", { ascending: false });
      return dataOf(await ordered.limit(limit + 1));
    },
    async create(session, resume) {
      return dataOf(await resumes(session).insert(resume).select(COLUMNS).single());
    },
    async read(session, id) {
      return dataOf(await resumes(session).select(COLUMNS).eq("id", id).maybeSingle()) ?? undefined;
    },
    async replace(session, id, resume) {
      return dataOf(await resumes(session).update(resume).eq("id", id).select(COLUMNS).maybeSingle()) ?? undefined;
    },
    async remove(session, id) {
      return dataOf(await resumes(session).delete().eq("id", id).select("id").maybeSingle()) !== null;
    },
  };
}

/** What supabase-js answers. */
interface Result {
  data: unknown;
  error: Failure["error"] | null;
  status: number;
}

/** The data of a success; a failure is thrown. */
function dataOf<R extends Result>(result: R): Extract<R, { error: null }>["data"] {
  const { data, error, status } = result;
  if (error === null) return data;
  if (error.code !== NO_OWNER) throw callerFailure({ status, error });
  throw new ApiError("PROFILE_NOT_SYNCED", "Cannot store resume: the user's row is not there yet; ask profile first");
}
