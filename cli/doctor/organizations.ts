/**
 * What the database tells of organizations by `clerk_diagnosis`, judged.
 *
 * @module
 */
import { type CheckResult, failed, ok } from "./report.ts";

/** The part of `clerk_diagnosis` that is about organizations. */
export interface OrganizationFacts {
  /** Columns that refer to `public.organizations`. */
  organization_columns: Array<{ column: string; nullable: boolean; indexed: boolean }>;
  /** Organizations that came by reconcile or by an import alone, although the ledger was kept at the time. */
  unannounced_organizations: number;
}

/** Judges of organizations; a project without organizations passes each. */
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
    return ok(name, `${columns.length} refer to public.organizations, each with an index and not null`);
  }
  return failed(
    name,
    faults.join("; "),
    "A row without an organization belongs to nobody, and without an index a policy reads the whole table: add not null and an index that begins with the column",
  );
}

/**
 * Judges whether the endpoint at Clerk sends events of organizations. Clerk does not tell to what an endpoint subscribes,
 * so the ledger is judged.
 *
 * @param facts The database's answer.
 * @returns Failed if there are organizations of which no message ever came.
 */
export function judgeOrganizationEvents({ unannounced_organizations: count }: OrganizationFacts): CheckResult {
  const name = "organization-events";
  if (count === 0) return ok(name, "no organization is here without messages about organizations");
  return failed(
    name,
    `${count} organizations came by reconcile or an import, and no message about any organization is in the ledger`,
    "Subscribe the endpoint in Clerk to organization.* and organizationMembership.*",
  );
}
