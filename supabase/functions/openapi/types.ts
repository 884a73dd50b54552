/**
 * Types of an OpenAPI 3.1 document, limited to the fields that this project uses.
 *
 * @module
 */
import type { Schema } from "../_clerk-supabase/openapi/describe.ts";

/** The document. */
export interface OpenApiDocument {
  openapi: string;
  info: Record<string, unknown>;
  servers: Array<{ url: string; description: string }>;
  tags: Array<{ name: string; description: string }>;
  /** Operations by path and method. */
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
}

/** An operation of the document. */
export interface OperationObject extends Record<string, unknown> {
  operationId: string;
  requestBody?: { description: string; required: boolean; content: Content };
  responses: Record<string, ResponseObject>;
}

/** A body by media type. */
export type Content = Record<string, { schema: Schema; example?: unknown }>;

/** A response of the document. */
export interface ResponseObject {
  description: string;
  /** By name. */
  headers: Record<string, HeaderObject>;
  /** Absent if there is no body. */
  content?: Content;
}

/** A header that a response always has (`required`) or may have. */
export interface HeaderObject {
  description: string;
  required: boolean;
  schema: Schema;
}
