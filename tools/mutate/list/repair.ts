/**
 * The repair of organizations and memberships: what a backfill may accept, and what a sweep may delete.
 *
 * @module
 */
import type { Mutation, NamedTest } from "../mutation.ts";

const FOLDER = "supabase/functions/clerk-reconcile/";
const API = "supabase/functions/_clerk-supabase/clerk/organizations_api.ts";

const sweep = (name: string): NamedTest => ({ file: "tests/unit/clerk-reconcile/organizations_sweep_test.ts", name });
const backfill = (name: string): NamedTest => ({
  file: "tests/unit/clerk-reconcile/organizations_backfill_test.ts",
  name,
});
const api = (name: string): NamedTest => ({ file: "tests/unit/_clerk-supabase/clerk/organizations_api_test.ts", name });

const forgotten = sweep("a sweep keeps and updates an object that a backfill and a list left out");
const disabled = sweep("a sweep of an instance without organizations sends no request and deletes nothing");

/** Mutations of the repair of organizations and memberships. */
export const REPAIR: Mutation[] = [
  {
    id: "sweep-organization-proof",
    file: `${FOLDER}organizations.ts`,
    find: "if (!isGone) return { results: await applyItems(organization ? [organization] : [], answeredAt), isGone };",
    replace: "",
    test: forgotten,
  },
  {
    id: "sweep-membership-proof",
    file: `${FOLDER}memberships.ts`,
    find: "if (items.some(({ id }) => id === idOf(row))) {",
    replace: "if (items.length < 0) {",
    test: forgotten,
  },
  {
    id: "sweep-unproved",
    file: `${FOLDER}sweep.ts`,
    find: "!unproved.has(kind.idOf(row)) && ",
    replace: "",
    test: sweep("a sweep leaves memberships to their organization's sweep if the organization is gone"),
  },
  {
    id: "sweep-disabled",
    file: `${FOLDER}sweep.ts`,
    find: "isDisabled ? { total: 0, finished_at: iso(now()) } : await",
    replace: "await",
    test: disabled,
  },
  {
    id: "sweep-seen",
    file: `${FOLDER}sweep.ts`,
    find: "row.live && row.newest_at < seenSince",
    replace: "row.live",
    test: sweep("a sweep does not look up rows that the last backfill saw"),
  },
  {
    id: "sweep-limit-by-kind",
    file: `${FOLDER}compose.ts`,
    find: "kind === limited ? maxDeletes : undefined",
    replace: "maxDeletes",
    test: {
      file: "tests/e2e/reconcile_organizations_test.ts",
      name: "clerk-reconcile refuses to delete too many of a kind until an operator sets a limit for that kind",
    },
  },
  {
    id: "walk-gap",
    file: `${FOLDER}offset.ts`,
    find: "if (!meets) {",
    replace: "if (!meets && items.length < 0) {",
    test: backfill("backfills neither miss nor repeat items if others are deleted between two pages"),
  },
  {
    id: "walk-order",
    file: `${FOLDER}offset_reader.ts`,
    find: " || !isInOrder(items, createdAt)",
    replace: "",
    test: backfill(
      "a backfill fails for an unordered list of several pages, and accepts a single page in any order",
    ),
  },
  {
    id: "organization-by-slug",
    file: API,
    find: "isClerkObject(body) && body.id === organizationId",
    replace: "isClerkObject(body)",
    test: api("findOrganization() reports an organization as gone only if Clerk itself says so"),
  },
  {
    id: "organizations-not-enabled",
    file: API,
    find: "NOT_ENABLED.code.test(String(clerkCode(answer)))",
    replace: "true",
    test: api("lists are undefined if Clerk reports that the instance has no organizations"),
  },
];
