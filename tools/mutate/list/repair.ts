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

const forgotten = sweep("a sweep does not delete what a backfill and a list forgot, and stores it again");
const disabled = sweep("a sweep of an instance without organizations asks for nothing and deletes nothing");

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
    test: sweep("a sweep asks Clerk for nothing that the last backfill saw"),
  },
  {
    id: "sweep-limit-by-kind",
    file: `${FOLDER}compose.ts`,
    find: "kind === limited ? maxDeletes : undefined",
    replace: "maxDeletes",
    test: {
      file: "tests/e2e/reconcile_organizations_test.ts",
      name: "clerk-reconcile refuses to delete too many of a kind, whatever may go of another, until told how many",
    },
  },
  {
    id: "walk-gap",
    file: `${FOLDER}offset.ts`,
    find: "if (!meets) {",
    replace: "if (!meets && items.length < 0) {",
    test: backfill("backfills miss nothing where items are deleted between two pages, and count nothing twice"),
  },
  {
    id: "walk-order",
    file: `${FOLDER}offset_reader.ts`,
    find: " || !isInOrder(items, createdAt)",
    replace: "",
    test: backfill(
      "a backfill does not take a list of several pages that is not in order, and takes one page in any order",
    ),
  },
  {
    id: "organization-by-slug",
    file: API,
    find: "isClerkObject(body) && body.id === organizationId",
    replace: "isClerkObject(body)",
    test: api("findOrganization() takes nothing but Clerk's own word for gone"),
  },
  {
    id: "organizations-not-enabled",
    file: API,
    find: "NOT_ENABLED.code.test(String(clerkCode(answer)))",
    replace: "true",
    test: api("an instance without organizations has no list, and says so of itself"),
  },
];
