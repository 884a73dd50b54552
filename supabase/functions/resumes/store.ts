/**
 * Reads and writes resumes as the caller: row level security decides, and the database fills in the owner.
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

/** The columns of a resume that callers get. */
export type Resume = Omit<Database["public"]["Tables"]["resumes"]["Row"], "user_id">;

/** A resume in a list. It has no content, which keeps every page small. */
export type ResumeSummary = Omit<Resume, "content">;

/** The caller's resumes. Each function throws the errors of {@linkcode callerFailure}. */
export interface ResumeStore {
  /** Returns the page's resumes, newest first, and one more if there is a next page. */
  list: (session: Session, page: Page) => Promise<ResumeSummary[]>;
  create: (session: Session, resume: ResumeInput) => Promise<Resume>;
  /** Undefined if the caller does not have the resume. */
  read: (session: Session, id: string) => Promise<Resume | undefined>;
  replace: (session: Session, id: string, resume: ResumeInput) => Promise<Resume | undefined>;
  /** Returns whether a resume was deleted. */
  remove: (session: Session, id: string) => Promise<boolean>;
}

const COLUMNS = "id, title, content, created_at, updated_at";
const SUMMARY = "id, title, created_at, updated_at";
/** Row level security refused, because the caller has no user row. */
const NO_OWNER = "42501";

/**
 * Creates the store.
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

/** A result of supabase-js. */
interface Result {
  data: unknown;
  error: Failure["error"] | null;
  status: number;
}

/** Returns the data of a successful query; throws for a failure. */
function dataOf<R extends Result>(result: R): Extract<R, { error: null }>["data"] {
  const { data, error, status } = result;
  if (error === null) return data;
  if (error.code !== NO_OWNER) throw callerFailure({ status, error });
  throw new ApiError(
    "PROFILE_NOT_SYNCED",
    "Cannot store resume: the user has no row yet. Call profile first",
  );
}
