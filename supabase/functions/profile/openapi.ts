/**
 * How `profile` describes itself.
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

/** What it holds is the adopter's: any JSON. */
const OWN = Object.fromEntries(
  Object.keys(ownColumns).map((column) => [column, { description: "A column of the project's own." }]),
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
          "Reads the row of `public.users` as the caller. Where Clerk's webhook has not come yet and the project has " +
          "`CLERK_SECRET_KEY`, the user is fetched from Clerk first.",
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
        email: { ...textOrNull, description: "The primary address; null where there is none, or another user has it." },
        email_verified: {
          type: "boolean",
          description: "Whether the user proved at Clerk that the address is theirs; false without one.",
        },
        first_name: textOrNull,
        last_name: textOrNull,
        profile_image_url: textOrNull,
        username: textOrNull,
        created_at: instant,
        updated_at: { ...instant, description: "Clerk's time of the last change that touched the row." },
        last_sign_in_at: { ...instant, type: ["string", "null"] },
        metadata: { type: ["object", "null"], description: "Clerk's public metadata." },
        ...OWN,
      }),
      description: "A row of `public.users`.",
    },
  },
};
