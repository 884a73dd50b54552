/**
 * The OpenAPI description of `openapi`.
 *
 * @module
 */
import { closedObject, type FunctionDescription, ref } from "../_clerk-supabase/openapi/describe.ts";
import { ANYBODY } from "../_clerk-supabase/openapi/security.ts";
import type { OpenApiDocument } from "./types.ts";

const object = { type: "object" };

/** The operation of `/openapi`. */
export const OPENAPI_DESCRIPTION: FunctionDescription = {
  name: "openapi",
  description: "This document.",
  paths: {
    "/openapi": {
      get: {
        operationId: "getOpenApi",
        summary: "This document",
        description: "The OpenAPI 3.1 document of all functions. It is the same for all callers.",
        security: [ANYBODY],
        answers: { 200: { description: "The document.", schema: ref("OpenApiDocument") } },
        errors: ["CONFIG_INVALID", "INTERNAL_ERROR"],
      },
    },
  },
  schemas: {
    OpenApiDocument: closedObject<OpenApiDocument>({
      openapi: { type: "string", pattern: "^3\\.1\\.\\d+$" },
      info: object,
      servers: { type: "array", items: object },
      tags: { type: "array", items: object },
      paths: object,
      components: object,
    }),
  },
};
