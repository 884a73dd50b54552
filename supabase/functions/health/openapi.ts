/**
 * How `health` describes itself.
 *
 * @module
 */
import { closedObject, type FunctionDescription, ref } from "../_shared/openapi/describe.ts";
import { ANYBODY, SECRET_KEY } from "../_shared/openapi/security.ts";

const partStatus = { type: "string", enum: ["ok", "failed"] };

/** The operation of `/health`. */
export const HEALTH_DESCRIPTION: FunctionDescription = {
  name: "health",
  description: "Whether the project works.",
  paths: {
    "/health": {
      get: {
        operationId: "getHealth",
        summary: "Whether the project works",
        description: "Strangers get `status` alone. With the secret key, `parts` tells what does not work.",
        security: [ANYBODY, SECRET_KEY],
        answers: {
          200: { description: "Everything works.", schema: ref("Health"), example: { status: "ok" } },
          503: {
            description: "Something does not work.",
            schema: ref("Health"),
            example: {
              status: "unavailable",
              parts: {
                variables: { status: "failed", missing_or_malformed: ["CLERK_WEBHOOK_SECRET"] },
                database: { status: "ok" },
                jwks: { status: "ok" },
              },
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
      parts: closedObject({
        variables: closedObject({
          status: partStatus,
          missing_or_malformed: { type: "array", items: { type: "string" }, description: "Names of variables." },
        }),
        database: closedObject({ status: partStatus }),
        jwks: closedObject({ status: partStatus }),
      }),
    }, ["parts"]),
  },
};
