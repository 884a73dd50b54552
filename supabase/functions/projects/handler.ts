/**
 * `/projects` and `/projects/{id}`: data that the members of an organization share. An example of a route for tenants:
 * callers see the projects of their active organization, and another organization's project is 404.
 *
 * The token's claims allow an early and clear error. Row level security decides, because it also checks the table: the
 * token of a removed member stays valid for up to a minute.
 *
 * @module
 */
import { requireOrganization, requireRole } from "../_clerk-supabase/auth/authenticate.ts";
import type { VerifyToken } from "../_clerk-supabase/auth/token.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import { handle, type Handler, type Methods, type Platform, type Route } from "../_clerk-supabase/http/handle.ts";
import { isUuid, readPage, writeCursor } from "../_clerk-supabase/http/page.ts";
import { jsonResponse } from "../_clerk-supabase/http/problem.ts";
import { readProject, readProjectChange } from "./input.ts";
import type { Project, ProjectStore } from "./store.ts";

/** Front ends call it. */
export const PROJECTS: Route = { name: "projects", browser: true };

/** The role that may delete projects, the same as in the policy of create_projects.sql. */
const DELETING_ROLE = "org:admin";

/** Dependencies of the handler. */
export interface ProjectsDeps extends Platform {
  verifyToken: VerifyToken;
  store: ProjectStore;
}

/**
 * Creates the handler of `/projects` and `/projects/{id}`.
 *
 * @param deps Token check and store.
 * @returns The handler.
 */
export function createProjectsHandler(deps: ProjectsDeps): Handler {
  return handle(PROJECTS, deps, ({ pathname }) => {
    const [, id] = /^\/projects\/+(.+)$/.exec(pathname) ?? [];
    return id === undefined ? collection(deps) : item(deps, id);
  });
}

function collection({ verifyToken, store }: ProjectsDeps): Methods {
  return {
    GET: async (request) => {
      const session = await requireOrganization(request, verifyToken);
      const page = readPage(new URL(request.url));
      const found = await store.list(session, page);
      const projects = found.slice(0, page.limit);
      return jsonResponse({ projects, next_cursor: found.length > page.limit ? cursorAfter(projects.at(-1)) : null });
    },
    POST: async (request, context) => {
      const session = await requireOrganization(request, verifyToken);
      return jsonResponse(await store.create(session, await readProject(request, context.startBody())), 201);
    },
  };
}

function item({ verifyToken, store }: ProjectsDeps, id: string): Methods {
  return {
    GET: async (request) => {
      const session = await requireOrganization(request, verifyToken);
      checkId(id);
      return found(await store.read(session, id));
    },
    PATCH: async (request, context) => {
      const session = await requireOrganization(request, verifyToken);
      checkId(id);
      return found(await store.change(session, id, await readProjectChange(request, context.startBody())));
    },
    DELETE: async (request) => {
      const session = await requireRole(request, verifyToken, DELETING_ROLE);
      checkId(id);
      if (await store.remove(session, id)) return new Response(null, { status: 204 });
      throw notFound();
    },
  };
}

function cursorAfter(last: Project | undefined): string | null {
  return last ? writeCursor({ createdAt: last.created_at, id: last.id }) : null;
}

function checkId(id: string): void {
  if (!isUuid(id)) throw notFound();
}

function found(project: Project | undefined): Response {
  if (project) return jsonResponse(project);
  throw notFound();
}

function notFound(): ApiError {
  return new ApiError("NOT_FOUND", "Cannot find project: the caller's active organization has no project with this id");
}
