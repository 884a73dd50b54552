/**
 * `/resumes` and `/resumes/{id}`: private data of each caller. An example of a protected route: another caller's resume
 * is 404, never 403, which would reveal that it exists.
 *
 * @module
 */
import { requireUser } from "../_clerk-supabase/auth/authenticate.ts";
import type { VerifyToken } from "../_clerk-supabase/auth/token.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import { handle, type Handler, type Methods, type Platform, type Route } from "../_clerk-supabase/http/handle.ts";
import { isUuid, readPage, writeCursor } from "../_clerk-supabase/http/page.ts";
import { jsonResponse } from "../_clerk-supabase/http/problem.ts";
import { readResume } from "./input.ts";
import type { Resume, ResumeStore, ResumeSummary } from "./store.ts";

/** Front ends call it. */
export const RESUMES: Route = { name: "resumes", browser: true };

/** Dependencies of the handler. */
export interface ResumesDeps extends Platform {
  verifyToken: VerifyToken;
  store: ResumeStore;
}

/**
 * Creates the handler of `/resumes` and `/resumes/{id}`.
 *
 * @param deps Token check and store.
 * @returns The handler.
 */
export function createResumesHandler(deps: ResumesDeps): Handler {
  return handle(RESUMES, deps, ({ pathname }) => {
    const [, id] = /^\/resumes\/+(.+)$/.exec(pathname) ?? [];
    return id === undefined ? collection(deps) : item(deps, id);
  });
}

function collection({ verifyToken, store }: ResumesDeps): Methods {
  return {
    GET: async (request) => {
      const session = await requireUser(request, verifyToken);
      const page = readPage(new URL(request.url));
      const found = await store.list(session, page);
      const resumes = found.slice(0, page.limit);
      return jsonResponse({ resumes, next_cursor: found.length > page.limit ? cursorAfter(resumes.at(-1)) : null });
    },
    POST: async (request, context) => {
      const session = await requireUser(request, verifyToken);
      return jsonResponse(await store.create(session, await readResume(request, context.startBody())), 201);
    },
  };
}

function item({ verifyToken, store }: ResumesDeps, id: string): Methods {
  const authorize = async (request: Request) => {
    const session = await requireUser(request, verifyToken);
    if (!isUuid(id)) throw notFound();
    return session;
  };
  return {
    GET: async (request) => found(await store.read(await authorize(request), id)),
    PUT: async (request, context) => {
      const session = await authorize(request);
      return found(await store.replace(session, id, await readResume(request, context.startBody())));
    },
    DELETE: async (request) => {
      if (await store.remove(await authorize(request), id)) return new Response(null, { status: 204 });
      throw notFound();
    },
  };
}

function cursorAfter(last: ResumeSummary | undefined): string | null {
  return last ? writeCursor({ createdAt: last.created_at, id: last.id }) : null;
}

function found(resume: Resume | undefined): Response {
  if (resume) return jsonResponse(resume);
  throw notFound();
}

function notFound(): ApiError {
  return new ApiError("NOT_FOUND", "Cannot find resume: the caller has no resume with this id");
}
