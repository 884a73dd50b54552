/**
 * The functions in the document. To add or remove a function, add or remove its line.
 *
 * @module
 */
export { CLERK_RECONCILE_DESCRIPTION } from "../clerk-reconcile/openapi.ts";
export { CLERK_WEBHOOK_DESCRIPTION } from "../clerk-webhook/openapi.ts";
export { HEALTH_DESCRIPTION } from "../health/openapi.ts";
export { HELLO_DESCRIPTION } from "../hello/openapi.ts";
export { OPENAPI_DESCRIPTION } from "./openapi.ts";
export { ORGANIZATION_DESCRIPTION } from "../organization/openapi.ts";
export { PROFILE_DESCRIPTION } from "../profile/openapi.ts";
export { PROJECTS_DESCRIPTION } from "../projects/openapi.ts";
export { RESUMES_DESCRIPTION } from "../resumes/openapi.ts";
