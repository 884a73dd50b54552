/**
 * Every mutation, in the order of SECURITY.md.
 *
 * @module
 */
import type { Mutation } from "../mutation.ts";
import { DATA_API } from "./data_api.ts";
import { LEAKS } from "./leaks.ts";
import { OPERATORS } from "./operators.ts";
import { ORGANIZATIONS } from "./organizations.ts";
import { REPAIR } from "./repair.ts";
import { TENANTS } from "./tenants.ts";
import { TOKENS } from "./tokens.ts";
import { WEBHOOKS } from "./webhooks.ts";
import { WRITE_PATH } from "./write_path.ts";

/** Every mutation. */
export const MUTATIONS: readonly Mutation[] = [
  ...WEBHOOKS,
  ...WRITE_PATH,
  ...ORGANIZATIONS,
  ...TOKENS,
  ...DATA_API,
  ...TENANTS,
  ...OPERATORS,
  ...REPAIR,
  ...LEAKS,
];
