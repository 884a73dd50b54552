/**
 * The OpenAPI description of `hello`.
 *
 * @module
 */
import { AS_CALLER } from "../_clerk-supabase/openapi/codes.ts";
import { closedObject, type FunctionDescription, ref } from "../_clerk-supabase/openapi/describe.ts";
import { ANYBODY, SESSION_TOKEN } from "../_clerk-supabase/openapi/security.ts";

/** The operation of `/hello`. */
export const HELLO_DESCRIPTION: FunctionDescription = {
  name: "hello",
  description: "An example: a greeting for signed-in users and guests.",
  paths: {
    "/hello": {
      get: {
        operationId: "getHello",
        summary: "A greeting",
        description:
          "Greets the signed-in caller by first name, and anyone else as a guest. An invalid token is refused; its " +
          "sender is never greeted as a guest.",
        security: [ANYBODY, SESSION_TOKEN],
        answers: {
          200: {
            description: "The greeting.",
            schema: ref("HelloAnswer"),
            example: { message: "Hello, Ada!", signed_in: true },
          },
        },
        errors: ["TOKEN_MISSING", ...AS_CALLER],
      },
    },
  },
  schemas: { HelloAnswer: closedObject({ message: { type: "string" }, signed_in: { type: "boolean" } }) },
};
