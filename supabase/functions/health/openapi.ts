/**
 * How `health` describes itself.
 *
 * @module
 */
import { closedObject, type FunctionDescription, ref } from "../_clerk-supabase/openapi/describe.ts";
import { ANYBODY, SECRET_KEY } from "../_clerk-supabase/openapi/security.ts";
import { VERSION } from "../_clerk-supabase/version.ts";
import type { FailingMessages, Health, Part } from "./check.ts";

const part = {
  status: { type: "string", enum: ["ok", "failed"] },
  code: { type: "string", description: "What went wrong." },
};
const names = { type: "array", items: { type: "string" }, description: "Variables that are missing or malformed." };

/** The operation of `/health`. */
export const HEALTH_DESCRIPTION: FunctionDescription = {
  name: "health",
  description: "Whether the project works.",
  paths: {
    "/health": {
      get: {
        operationId: "getHealth",
        summary: "Whether the project works",
        description:
          "Strangers get `status` alone. With the secret key, `parts` tells what does not work, `version` what is " +
          "deployed, and `failing` which messages Svix sends again; those do not change `status`.",
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
          description: "Failed if `CLERK_INSTANCE_ID` is not the instance that Clerk's signing keys belong to.",
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
        description: "Messages that the database refuses and Svix still sends again; null if it cannot be asked.",
      },
    }, ["version", "parts", "failing"]),
  },
};
