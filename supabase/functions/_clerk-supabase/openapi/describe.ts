/**
 * How a function describes itself for the OpenAPI document: `openapi.ts` in its folder says what is its own, and the
 * function `openapi` adds what all have in common.
 *
 * @module
 */
import type { ErrorCode } from "../errors.ts";

/** A JSON Schema (draft 2020-12), which is what OpenAPI 3.1 uses. */
export type Schema = Readonly<Record<string, unknown>>;

/** A function, with its paths and the schemas that are its own. */
export interface FunctionDescription {
  /** The function's name; the tag of its operations. */
  name: string;
  /** One sentence on what it is for. */
  description: string;
  /** Operations by path and method. */
  paths: Readonly<Record<`/${string}`, PathDescription>>;
  /** Schemas by name, for {@linkcode ref}. */
  schemas: Readonly<Record<string, Schema>>;
}

/** The operations of a path: exactly the methods that the handler answers. */
export type PathDescription = Readonly<Partial<Record<"get" | "post" | "put" | "patch" | "delete", Operation>>>;

/** What a function does for one method of one path. */
export interface Operation {
  /** A name for generated clients. */
  operationId: string;
  /** A few words. */
  summary: string;
  /** What it does, in Markdown. */
  description: string;
  /** Who may call: any one of these, `{}` being everybody. */
  security: ReadonlyArray<Readonly<Record<string, readonly string[]>>>;
  parameters?: readonly Parameter[];
  body?: RequestBody;
  /** The answers that are no errors, by status. */
  answers: Readonly<Record<number, AnswerDescription>>;
  /** Every code that it may answer with. A method that is not described is 405. */
  errors: readonly ErrorCode[];
  /** Header parameters of error answers, by name: the statuses that may have them, and what they say. */
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
  /** Whether there has to be one; true unless given. */
  required?: boolean;
  schema: Schema;
  example: unknown;
}

/** An answer that is no error. Without a schema it has no body. */
export interface AnswerDescription {
  description: string;
  schema?: Schema;
  example?: unknown;
}

/**
 * Refers to a schema of the document.
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
 * Describes an object that has these properties and no others, as all our answers are.
 *
 * @param properties A schema for each property; with a type given, for each of its keys.
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
