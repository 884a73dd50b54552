/**
 * The OpenAPI description of `health`.
 *
 * @module
 */
import { closedObject, type FunctionDescription, ref } from "../_clerk-supabase/openapi/describe.ts";
import { ANYBODY, SECRET_KEY } from "../_clerk-supabase/openapi/security.ts";
import { VERSION } from "../_clerk-supabase/version.ts";
import type { FailingMessages, Health, Part } from "./check.ts";

const part = {
  status: { type: "string", enum: ["ok", "failed"] },
  code: { type: "string", description: "The error code of a failed part." },
};
const names = { type: "array", items: { type: "string" }, description: "Variables that are missing or malformed." };

/** The operation of `/health`. */
export const HEALTH_DESCRIPTION: FunctionDescription = {
  name: "health",
  description: "Returns whether the project works.",
  paths: {
    "/health": {
      get: {
        operationId: "getHealth",
        summary: "State of the project",
        description:
          "Without the secret key, the response only has `status`. With the key, `parts` has the state of each part, " +
          "`version` the deployed version, and `failing` the messages that Svix retries; those do not change `status`.",
        security: [ANYBODY, SECRET_KEY],
        answers: {
          200: { description: "Everything works.", schema: ref("Health"), example: { status: "ok" } },
          503: {
            description: "Something does not work.",
            schema: ref("Health"),
            example: {
              status: "unavailable",
              version: VERSION,
              parts: {
                variables: { status: "failed", code: "CONFIG_INVALID", names: ["CLERK_WEBHOOK_SECRET"] },
                database: { status: "ok" },
                jwks: { status: "ok" },
                instance: { status: "ok" },
              },
              failing: { messages: 0, since: null },
            },
          },
        },
        errors: ["CONFIG_INVALID", "INTERNAL_ERROR"],
      },
    },
  },
  schemas: {
    Health: closedObject({
      status: { type: "string", enum: ["ok", "unavailable"] },
      version: { type: "string", description: "The version of the bundle." },
      parts: closedObject<Health["parts"]>({
        variables: closedObject<Health["parts"]["variables"]>({ ...part, names }, ["code"]),
        database: closedObject<Part>(part, ["code"]),
        jwks: closedObject<Part>(part, ["code"]),
        instance: {
          ...closedObject<Part>(part, ["code"]),
          description: "Failed if `CLERK_INSTANCE_ID` is not the instance of Clerk's signing keys.",
        },
      }),
      failing: {
        oneOf: [
          closedObject<FailingMessages>({
            messages: { type: "integer", minimum: 0 },
            since: { oneOf: [{ type: "string", format: "date-time" }, { type: "null" }] },
          }),
          { type: "null" },
        ],
        description:
          "Messages that the database refuses and Svix still retries; null if the database cannot be reached.",
      },
    }, ["version", "parts", "failing"]),
  },
};
