/**
 * Checks of organizations, from the answer of `clerk_diagnosis`.
 *
 * @module
 */
import { type CheckResult, failed, ok } from "./report.ts";

/** The part of `clerk_diagnosis` that is about organizations. */
export interface OrganizationFacts {
  /** Columns that refer to `public.organizations`. */
  organization_columns: Array<{ column: string; nullable: boolean; indexed: boolean }>;
  /**
   * Organizations that Clerk created since the ledger began, at least 10 minutes ago; 0 if the ledger has a message of
   * this kind.
   */
  unannounced_organizations: number;
  unannounced_memberships: number;
}

/** The checks of organizations; a project without organizations passes each. */
export const ORGANIZATION_JUDGES: ReadonlyArray<{ name: string; judge: (facts: OrganizationFacts) => CheckResult }> = [
  { name: "organization-columns", judge: judgeOrganizationColumns },
  { name: "organization-events", judge: judgeOrganizationEvents },
];

/**
 * Judges the columns by which rows belong to an organization.
 *
 * @param facts The database's answer.
 * @returns Failed if one may be null, or has no index that begins with it.
 */
export function judgeOrganizationColumns({ organization_columns: columns }: OrganizationFacts): CheckResult {
  const name = "organization-columns";
  const faults = columns.flatMap(({ column, nullable, indexed }) => [
    ...nullable ? [`${column} may be null`] : [],
    ...indexed ? [] : [`${column} has no index`],
  ]);
  if (faults.length === 0) {
    return ok(name, `columns that refer to public.organizations: ${columns.length}; each is not null and has an index`);
  }
  return failed(
    name,
    faults.join("; "),
    "A row without an organization has no owner, and without an index a policy reads the whole table: add not null and an index that begins with the column",
  );
}

/**
 * Judges whether Clerk's endpoint sends events of organizations and memberships. Clerk does not publish the
 * subscriptions of an endpoint, so the ledger is judged.
 *
 * @param facts The database's answer.
 * @returns Failed if Clerk created some since the ledger began, and the ledger has no message of their kind.
 */
export function judgeOrganizationEvents(facts: OrganizationFacts): CheckResult {
  const name = "organization-events";
  const silent = [
    { kind: "organizations", count: facts.unannounced_organizations, events: "organization.*" },
    { kind: "memberships", count: facts.unannounced_memberships, events: "organizationMembership.*" },
  ].filter(({ count }) => count > 0);
  if (silent.length === 0) {
    return ok(name, "the ledger shows no organization or membership whose events are missing");
  }
  return failed(
    name,
    "judged by the ledger, because Clerk does not publish an endpoint's subscriptions: " +
      silent.map(({ kind, count, events }) =>
        `${kind} created since the ledger began: ${count}, messages ${events} in it: 0`
      ).join("; "),
    `Subscribe the endpoint in Clerk to ${silent.map(({ events }) => events).join(" and ")}. ` +
      "If it is subscribed, the next such event clears this fault",
  );
}
