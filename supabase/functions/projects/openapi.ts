/**
 * The OpenAPI description of `projects`.
 *
 * @module
 */
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "../_clerk-supabase/http/page.ts";
import { AS_CALLER } from "../_clerk-supabase/openapi/codes.ts";
import {
  closedObject,
  type FunctionDescription,
  type Operation,
  type Parameter,
  ref,
  type RequestBody,
} from "../_clerk-supabase/openapi/describe.ts";
import { SESSION_TOKEN } from "../_clerk-supabase/openapi/security.ts";
import { MAX_BODY_BYTES, MAX_DESCRIPTION_CHARS, MAX_NAME_CHARS, type ProjectInput } from "./input.ts";
import type { Project } from "./store.ts";

const INPUT: ProjectInput = { name: "Analytical engine", description: "Punched cards" };
const PROJECT: Project = {
  id: "2f0c7d0e-9f65-4d0e-8b35-7d1d0a6f3f10",
  created_by: "6e2c0d82-cceb-4438-af89-ba7a9991db17",
  ...INPUT,
  created_at: "2026-11-23T09:33:00.005+00:00",
  updated_at: "2026-11-23T09:33:00.005+00:00",
};

const BODY: RequestBody = {
  description: `The project, at most ${MAX_BODY_BYTES} bytes.`,
  schema: ref("ProjectInput"),
  example: INPUT,
};
const CHANGE: RequestBody = {
  description: `The fields to change, at most ${MAX_BODY_BYTES} bytes.`,
  schema: ref("ProjectChange"),
  example: { name: INPUT.name },
};
const BODY_ERRORS = ["BODY_INVALID", "FIELD_INVALID", "BODY_TOO_LARGE", "BODY_TOO_SLOW"] as const;
const FOUND = { description: "The project.", schema: ref("Project"), example: PROJECT };
const ERRORS_OF_ALL = ["TOKEN_MISSING", ...AS_CALLER, "NO_ACTIVE_ORGANIZATION"] as const;

const ID: Parameter = {
  name: "id",
  in: "path",
  required: true,
  description: "The project's id.",
  schema: { type: "string", format: "uuid" },
};

const PAGE_PARAMETERS: Parameter[] = [
  {
    name: "limit",
    in: "query",
    description: "Greatest number of projects to return.",
    schema: { type: "integer", minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE },
  },
  {
    name: "cursor",
    in: "query",
    description: "The `next_cursor` of the previous page. Its format may change.",
    schema: { type: "string" },
  },
];

const list: Operation = {
  operationId: "listProjects",
  summary: "The active organization's projects, newest first",
  description: "Returns one page. `next_cursor` is null on the last page. A former member gets an empty page.",
  security: [SESSION_TOKEN],
  parameters: PAGE_PARAMETERS,
  answers: {
    200: { description: "A page.", schema: ref("ProjectPage"), example: { projects: [PROJECT], next_cursor: null } },
  },
  errors: [...ERRORS_OF_ALL, "FIELD_INVALID"],
};

const create: Operation = {
  operationId: "createProject",
  summary: "Creates a project in the active organization",
  description: "The database fills in the organization and the author, from the token.",
  security: [SESSION_TOKEN],
  body: BODY,
  answers: { 201: { ...FOUND, description: "The new project." } },
  errors: [...ERRORS_OF_ALL, ...BODY_ERRORS, "ORGANIZATION_MEMBERSHIP_MISSING"],
};

const read: Operation = {
  operationId: "getProject",
  summary: "One project",
  description: "Another organization's project returns 404 `NOT_FOUND`, like one that does not exist.",
  security: [SESSION_TOKEN],
  parameters: [ID],
  answers: { 200: FOUND },
  errors: [...ERRORS_OF_ALL, "NOT_FOUND"],
};

const change: Operation = {
  operationId: "changeProject",
  summary: "Changes a project",
  description: "Fields that are left out do not change.",
  security: [SESSION_TOKEN],
  parameters: [ID],
  body: CHANGE,
  answers: { 200: FOUND },
  errors: [...ERRORS_OF_ALL, ...BODY_ERRORS, "NOT_FOUND"],
};

const remove: Operation = {
  operationId: "deleteProject",
  summary: "Deletes a project",
  description: "Deletes the project permanently. Only admins of the organization may do this.",
  security: [SESSION_TOKEN],
  parameters: [ID],
  answers: { 204: { description: "It is deleted." } },
  errors: [...ERRORS_OF_ALL, "ROLE_MISSING", "NOT_FOUND"],
};

const input = {
  name: { type: "string", minLength: 1, maxLength: MAX_NAME_CHARS },
  description: { type: "string", maxLength: MAX_DESCRIPTION_CHARS },
};

/** The operations of `/projects` and `/projects/{id}`. */
export const PROJECTS_DESCRIPTION: FunctionDescription = {
  name: "projects",
  description: "An example: data that an organization's members share.",
  paths: {
    "/projects": { get: list, post: create },
    "/projects/{id}": { get: read, patch: change, delete: remove },
  },
  schemas: {
    Project: closedObject<Project>({
      ...input,
      id: { type: "string", format: "uuid" },
      created_by: {
        type: ["string", "null"],
        format: "uuid",
        description: "The author's id in `public.users`; null after the author was deleted.",
      },
      created_at: { type: "string", format: "date-time" },
      updated_at: { type: "string", format: "date-time" },
    }),
    ProjectPage: closedObject({
      projects: { type: "array", items: ref("Project"), maxItems: MAX_PAGE_SIZE },
      next_cursor: { type: ["string", "null"] },
    }),
    ProjectInput: closedObject<ProjectInput>(input, ["description"]),
    ProjectChange: { ...closedObject<ProjectInput>(input, ["name", "description"]), minProperties: 1 },
  },
};
