/**
 * The OpenAPI description of `resumes`.
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
import { MAX_BODY_BYTES, MAX_CONTENT_CHARS, MAX_TITLE_CHARS, type ResumeInput } from "./input.ts";
import type { Resume, ResumeSummary } from "./store.ts";

const INPUT: ResumeInput = { title: "Engineer", content: "Analytical engines" };
const SUMMARY: ResumeSummary = {
  id: "0c5d3d04-3c1f-4f0a-9a51-3f3a5d5c6c1e",
  title: "Engineer",
  created_at: "2026-11-23T09:33:00.005+00:00",
  updated_at: "2026-11-23T09:33:00.005+00:00",
};
const RESUME: Resume = { ...SUMMARY, ...INPUT };

const BODY: RequestBody = {
  description: `The resume, at most ${MAX_BODY_BYTES} bytes.`,
  schema: ref("ResumeInput"),
  example: INPUT,
};
const BODY_ERRORS = ["BODY_INVALID", "FIELD_INVALID", "BODY_TOO_LARGE", "BODY_TOO_SLOW"] as const;
const FOUND = { description: "The resume.", schema: ref("Resume"), example: RESUME };
const ERRORS_OF_ALL = ["TOKEN_MISSING", ...AS_CALLER] as const;

const ID: Parameter = {
  name: "id",
  in: "path",
  required: true,
  description: "The resume's id.",
  schema: { type: "string", format: "uuid" },
};

const PAGE_PARAMETERS: Parameter[] = [
  {
    name: "limit",
    in: "query",
    description: "Greatest number of resumes to return.",
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
  operationId: "listResumes",
  summary: "The caller's resumes, newest first",
  description: "Returns one page, without the resumes' content. `next_cursor` is null on the last page.",
  security: [SESSION_TOKEN],
  parameters: PAGE_PARAMETERS,
  answers: {
    200: { description: "A page.", schema: ref("ResumePage"), example: { resumes: [SUMMARY], next_cursor: null } },
  },
  errors: [...ERRORS_OF_ALL, "FIELD_INVALID"],
};

const create: Operation = {
  operationId: "createResume",
  summary: "Creates a resume",
  description: "The database fills in the owner, from the token. The caller needs a row in `public.users`.",
  security: [SESSION_TOKEN],
  body: BODY,
  answers: { 201: { ...FOUND, description: "The new resume." } },
  errors: [...ERRORS_OF_ALL, ...BODY_ERRORS, "PROFILE_NOT_SYNCED"],
};

const read: Operation = {
  operationId: "getResume",
  summary: "One resume",
  description: "Another caller's resume returns 404 `NOT_FOUND`, like one that does not exist.",
  security: [SESSION_TOKEN],
  parameters: [ID],
  answers: { 200: FOUND },
  errors: [...ERRORS_OF_ALL, "NOT_FOUND"],
};

const replace: Operation = {
  operationId: "replaceResume",
  summary: "Replaces a resume",
  description: "If `content` is left out, the resume's content becomes empty.",
  security: [SESSION_TOKEN],
  parameters: [ID],
  body: BODY,
  answers: { 200: FOUND },
  errors: [...ERRORS_OF_ALL, ...BODY_ERRORS, "NOT_FOUND"],
};

const remove: Operation = {
  operationId: "deleteResume",
  summary: "Deletes a resume",
  description: "Deletes the resume permanently.",
  security: [SESSION_TOKEN],
  parameters: [ID],
  answers: { 204: { description: "It is deleted." } },
  errors: [...ERRORS_OF_ALL, "NOT_FOUND"],
};

const title = { type: "string", minLength: 1, maxLength: MAX_TITLE_CHARS };
const content = { type: "string", maxLength: MAX_CONTENT_CHARS };
const summary = {
  id: { type: "string", format: "uuid" },
  title,
  created_at: { type: "string", format: "date-time" },
  updated_at: { type: "string", format: "date-time" },
};

/** The operations of `/resumes` and `/resumes/{id}`. */
export const RESUMES_DESCRIPTION: FunctionDescription = {
  name: "resumes",
  description: "An example: the caller's own data.",
  paths: {
    "/resumes": { get: list, post: create },
    "/resumes/{id}": { get: read, put: replace, delete: remove },
  },
  schemas: {
    Resume: closedObject<Resume>({ ...summary, content }),
    ResumeSummary: closedObject<ResumeSummary>(summary),
    ResumePage: closedObject({
      resumes: { type: "array", items: ref("ResumeSummary"), maxItems: MAX_PAGE_SIZE },
      next_cursor: { type: ["string", "null"] },
    }),
    ResumeInput: closedObject<ResumeInput>({ title, content }, ["content"]),
  },
};
