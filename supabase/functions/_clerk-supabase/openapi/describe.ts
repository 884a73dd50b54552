/**
 * The format in which a function describes itself for the OpenAPI document. `openapi.ts` in its folder describes its
 * own operations; the function `openapi` adds the common parts.
 *
 * @module
 */
import type { ErrorCode } from "../errors.ts";

/** A JSON Schema (draft 2020-12), as used by OpenAPI 3.1. */
export type Schema = Readonly<Record<string, unknown>>;

/** A function with its paths and its own schemas. */
export interface FunctionDescription {
  /** The function's name, which is also the tag of its operations. */
  name: string;
  /** Its purpose in one sentence. */
  description: string;
  /** Operations by path and method. */
  paths: Readonly<Record<`/${string}`, PathDescription>>;
  /** Schemas by name, for {@linkcode ref}. */
  schemas: Readonly<Record<string, Schema>>;
}

/** The operations of a path: exactly the methods that the handler supports. */
export type PathDescription = Readonly<Partial<Record<"get" | "post" | "put" | "patch" | "delete", Operation>>>;

/** One method of one path. */
export interface Operation {
  /** A name for generated clients. */
  operationId: string;
  /** A short title. */
  summary: string;
  /** Its behaviour, in Markdown. */
  description: string;
  /** The accepted credentials: one of these is enough, and `{}` means none. */
  security: ReadonlyArray<Readonly<Record<string, readonly string[]>>>;
  parameters?: readonly Parameter[];
  body?: RequestBody;
  /** The successful responses, by status. */
  answers: Readonly<Record<number, AnswerDescription>>;
  /** Every error code that it may return. A method that is not described returns 405. */
  errors: readonly ErrorCode[];
  /** Headers of error responses, by name: the statuses that may have them, and their meaning. */
  errorHeaders?: Readonly<Record<string, { statuses: readonly number[]; description: string }>>;
}

/** A parameter of a request. */
export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  description: string;
  required?: boolean;
  schema: Schema;
}

/** The JSON body of a request. */
export interface RequestBody {
  description: string;
  /** Whether the body is required; true unless given. */
  required?: boolean;
  schema: Schema;
  example: unknown;
}

/** A successful response. Without a schema, it has no body. */
export interface AnswerDescription {
  description: string;
  schema?: Schema;
  example?: unknown;
}

/**
 * Returns a reference to a schema of the document.
 *
 * @param name Its name among the schemas.
 * @returns The reference.
 *
 * @example
 * ```ts
 * import { ref } from "./describe.ts";
 *
 * const answers = { 200: { description: "The row.", schema: ref("Profile") } };
 * if (answers[200].schema.$ref !== "#/components/schemas/Profile") throw new Error();
 * ```
 */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/**
 * Describes an object that has only these properties, like all our responses.
 *
 * @param properties A schema for each property. If the type parameter is given, each of its keys needs a schema.
 * @param optional The properties that may be absent.
 * @returns The schema.
 *
 * @example
 * ```ts
 * import { closedObject } from "./describe.ts";
 *
 * const schema = closedObject<{ message: string }>({ message: { type: "string" } });
 * if (schema.additionalProperties !== false) throw new Error();
 * ```
 */
export function closedObject<T extends object = Record<string, unknown>>(
  properties: { readonly [Key in keyof T]-?: Schema },
  optional: ReadonlyArray<keyof T> = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name as keyof T));
  return { type: "object", properties, required, additionalProperties: false };
}
