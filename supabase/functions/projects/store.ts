/**
 * Reads and writes projects as the caller: row level security decides, and the database fills in the organization and
 * the author.
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
import type { ProjectInput } from "./input.ts";

/** The columns of a project that callers get. `created_by` is the author's id in `public.users`. */
export type Project = Omit<Database["public"]["Tables"]["projects"]["Row"], "organization_id">;

/** The projects of the active organization. Each function throws the errors of {@linkcode callerFailure}. */
export interface ProjectStore {
  /** Returns the page's projects, newest first, and one more if there is a next page. */
  list: (session: Session, page: Page) => Promise<Project[]>;
  create: (session: Session, project: ProjectInput) => Promise<Project>;
  /** Undefined if the caller cannot see the project. */
  read: (session: Session, id: string) => Promise<Project | undefined>;
  change: (session: Session, id: string, change: Partial<ProjectInput>) => Promise<Project | undefined>;
  /** Returns whether a project was deleted. */
  remove: (session: Session, id: string) => Promise<boolean>;
}

const COLUMNS = "id, created_by, name, description, created_at, updated_at";
/** Row level security refused, because the caller is not a member of the active organization in the table. */
const NO_MEMBERSHIP = "42501";

/**
 * Creates the store.
 *
 * @param config The project's URL and a publishable key.
 * @returns The store.
 */
export function createProjectStore(config: DataApiConfig): ProjectStore {
  const clientOf = createCallerClients(config);
  const projects = ({ token }: Session) => clientOf(token).from("projects");
  return {
    async list(session, { limit, after }) {
      let query = projects(session).select(COLUMNS);
      if (after) {
        const { createdAt, id } = after;
        query = query.or(`created_at.lt."${createdAt}",and(created_at.eq."${createdAt}",id.lt.${id})`);
      }
      const ordered = query.order("created_at", { ascending: false }).order("id", { ascending: false });
      return dataOf(await ordered.limit(limit + 1));
    },
    async create(session, project) {
      return dataOf(await projects(session).insert(project).select(COLUMNS).single());
    },
    async read(session, id) {
      return dataOf(await projects(session).select(COLUMNS).eq("id", id).maybeSingle()) ?? undefined;
    },
    async change(session, id, change) {
      return dataOf(await projects(session).update(change).eq("id", id).select(COLUMNS).maybeSingle()) ?? undefined;
    },
    async remove(session, id) {
      return dataOf(await projects(session).delete().eq("id", id).select("id").maybeSingle()) !== null;
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
  if (error.code !== NO_MEMBERSHIP) throw callerFailure({ status, error });
  throw new ApiError(
    "ORGANIZATION_MEMBERSHIP_MISSING",
    "Cannot store project: the database does not list the caller as a member. Call organization first",
  );
}
