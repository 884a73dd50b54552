/**
 * The OpenAPI description of `organization`.
 *
 * @module
 */
import type { OwnOrganization } from "../_clerk-supabase/database/own_organization.ts";
import { AS_CALLER } from "../_clerk-supabase/openapi/codes.ts";
import { closedObject, type FunctionDescription, ref } from "../_clerk-supabase/openapi/describe.ts";
import { SESSION_TOKEN } from "../_clerk-supabase/openapi/security.ts";

const instant = { type: "string", format: "date-time" };
const textOrNull = { type: ["string", "null"] };

const EXAMPLE: OwnOrganization = {
  id: "4a5f2c1e-7a55-4a39-a4a3-0f7f5c0f9d0b",
  clerk_organization_id: "org_2xAnalyticalEngineCompany",
  name: "Analytical Engine Company",
  slug: "analytical-engine",
  image_url: "https://img.clerk.com/engine",
  metadata: { plan: "pro" },
  created_at: "2026-11-23T09:33:00.005+00:00",
  updated_at: "2026-11-23T09:33:00.005+00:00",
  role: "org:admin",
};

/** The operation of `/organization`. */
export const ORGANIZATION_DESCRIPTION: FunctionDescription = {
  name: "organization",
  description: "The signed-in caller's active organization.",
  paths: {
    "/organization": {
      get: {
        operationId: "getOrganization",
        summary: "The caller's active organization and role",
        description:
          "Reads the row of `public.organizations` as the caller. If Clerk's webhook about the membership has not " +
          "arrived yet and the project has `CLERK_SECRET_KEY`, the caller's memberships are imported from Clerk first.",
        security: [SESSION_TOKEN],
        answers: { 200: { description: "The organization.", schema: ref("OwnOrganization"), example: EXAMPLE } },
        errors: [
          "TOKEN_MISSING",
          ...AS_CALLER,
          "NO_ACTIVE_ORGANIZATION",
          "ORGANIZATION_NOT_SYNCED",
          "ORGANIZATION_MEMBERSHIP_MISSING",
          "USER_DELETED",
          "PROFILE_NOT_SYNCED",
          "CLERK_USER_NOT_FOUND",
          "CLERK_UNAVAILABLE",
          "CLERK_RATE_LIMITED",
          "CLERK_SECRET_KEY_REFUSED",
          "SCHEMA_REFUSED",
        ],
      },
    },
  },
  schemas: {
    OwnOrganization: {
      ...closedObject<OwnOrganization>({
        id: { type: "string", format: "uuid" },
        clerk_organization_id: { type: "string" },
        name: { type: "string" },
        slug: { ...textOrNull, description: "For display. It is not unique and may change." },
        image_url: textOrNull,
        metadata: { type: "object", description: "Clerk's public metadata of the organization." },
        created_at: instant,
        updated_at: { ...instant, description: "Time of the last change of the row, by Clerk's clock." },
        role: { type: "string", description: "The caller's role according to the table, such as `org:admin`." },
      }),
      description: "A row of `public.organizations`, with the caller's role.",
    },
  },
};
