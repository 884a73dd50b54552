/**
 * The OpenAPI description of `profile`.
 *
 * @module
 */
import { ownColumns } from "../clerk_columns.ts";
import type { Profile } from "../_clerk-supabase/database/own_row.ts";
import { AS_CALLER } from "../_clerk-supabase/openapi/codes.ts";
import { closedObject, type FunctionDescription, ref } from "../_clerk-supabase/openapi/describe.ts";
import { SESSION_TOKEN } from "../_clerk-supabase/openapi/security.ts";

const instant = { type: "string", format: "date-time" };
const textOrNull = { type: ["string", "null"] };

/** Own columns may contain any JSON. */
const OWN = Object.fromEntries(
  Object.keys(ownColumns).map((column) => [column, { description: "An own column of the project." }]),
);

const EXAMPLE: Profile = {
  id: "6e2c0d82-cceb-4438-af89-ba7a9991db17",
  clerk_user_id: "user_2xAdaLovelaceOfTheExamples",
  email: "ada@example.com",
  email_verified: true,
  first_name: "Ada",
  last_name: "Lovelace",
  profile_image_url: "https://img.clerk.com/ada",
  username: "ada",
  created_at: "2026-11-23T09:33:00.005+00:00",
  updated_at: "2026-11-23T09:33:00.005+00:00",
  last_sign_in_at: null,
  metadata: { plan: "pro" },
};

/** The operation of `/profile`. */
export const PROFILE_DESCRIPTION: FunctionDescription = {
  name: "profile",
  description: "The signed-in caller's row.",
  paths: {
    "/profile": {
      get: {
        operationId: "getProfile",
        summary: "The caller's row",
        description:
          "Reads the row of `public.users` as the caller. If Clerk's webhook has not arrived yet and the project has " +
          "`CLERK_SECRET_KEY`, the user is imported from Clerk first.",
        security: [SESSION_TOKEN],
        answers: { 200: { description: "The row.", schema: ref("Profile"), example: EXAMPLE } },
        errors: [
          "TOKEN_MISSING",
          ...AS_CALLER,
          "USER_DELETED",
          "PROFILE_NOT_SYNCED",
          "OWN_COLUMN_INVALID",
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
    Profile: {
      ...closedObject<Profile>({
        id: { type: "string", format: "uuid" },
        clerk_user_id: { type: "string" },
        email: { ...textOrNull, description: "The primary address; null if there is none or another user has it." },
        email_verified: {
          type: "boolean",
          description: "Whether Clerk verified that the address belongs to the user; false without an address.",
        },
        first_name: textOrNull,
        last_name: textOrNull,
        profile_image_url: textOrNull,
        username: textOrNull,
        created_at: instant,
        updated_at: { ...instant, description: "Time of the last change of the row, by Clerk's clock." },
        last_sign_in_at: { ...instant, type: ["string", "null"] },
        metadata: { type: ["object", "null"], description: "Clerk's public metadata." },
        ...OWN,
      }),
      description: "A row of `public.users`.",
    },
  },
};
