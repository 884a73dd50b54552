/**
 * JWT templates, with which an app defines the claims of its tokens.
 *
 * @module
 */
import { createId } from "./keys.ts";

/** A template. Times are in milliseconds, the lifetime is in seconds. */
export interface JwtTemplate {
  object: "jwt_template";
  id: string;
  name: string;
  claims: Record<string, unknown>;
  lifetime: number;
  allowed_clock_skew: number;
  custom_signing_key: false;
  signing_algorithm: "RS256";
  created_at: number;
  updated_at: number;
}

/** Input of a new template. */
export type JwtTemplateInput =
  & Pick<JwtTemplate, "name" | "claims">
  & Partial<Pick<JwtTemplate, "lifetime" | "allowed_clock_skew">>;

/** Returns a new template with Clerk's defaults. */
export function createJwtTemplate(input: JwtTemplateInput, now: number): JwtTemplate {
  return {
    object: "jwt_template",
    id: createId("jtmp", now),
    lifetime: 60,
    allowed_clock_skew: 5,
    custom_signing_key: false,
    signing_algorithm: "RS256",
    ...input,
    created_at: now,
    updated_at: now,
  };
}
