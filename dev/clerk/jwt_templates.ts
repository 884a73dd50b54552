/**
 * JWT templates: tokens whose claims an app defines itself.
 *
 * @module
 */
import { createId } from "./keys.ts";

/** A template. Times are milliseconds, the lifetime is seconds. */
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

/** What a template is made with. */
export type JwtTemplateInput =
  & Pick<JwtTemplate, "name" | "claims">
  & Partial<Pick<JwtTemplate, "lifetime" | "allowed_clock_skew">>;

/** Returns a new template. */
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
