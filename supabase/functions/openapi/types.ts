/**
 * The form of an OpenAPI 3.1 document, as far as this project fills it in.
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

/** An answer of the document. */
export interface ResponseObject {
  description: string;
  /** By name. */
  headers: Record<string, HeaderObject>;
  /** Absent where there is no body. */
  content?: Content;
}

/** A header that an answer always has, or may have. */
export interface HeaderObject {
  description: string;
  required: boolean;
  schema: Schema;
}
