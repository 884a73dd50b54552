/**
 * The functions of the document, in its order. A function that is left out takes its two lines along.
 *
 * @module
 */
import type { FunctionDescription } from "../_shared/openapi/describe.ts";
import { RECONCILE_DESCRIPTION } from "../clerk-reconcile/openapi.ts";
import { WEBHOOK_DESCRIPTION } from "../clerk-webhook/openapi.ts";
import { HEALTH_DESCRIPTION } from "../health/openapi.ts";
import { HELLO_DESCRIPTION } from "../hello/openapi.ts";
import { PROFILE_DESCRIPTION } from "../profile/openapi.ts";
import { RESUMES_DESCRIPTION } from "../resumes/openapi.ts";
import { OPENAPI_DESCRIPTION } from "./openapi.ts";

/** Every function's description. */
export const FUNCTIONS: readonly FunctionDescription[] = [
  PROFILE_DESCRIPTION,
  WEBHOOK_DESCRIPTION,
  RECONCILE_DESCRIPTION,
  HEALTH_DESCRIPTION,
  OPENAPI_DESCRIPTION,
  HELLO_DESCRIPTION,
  RESUMES_DESCRIPTION,
];
