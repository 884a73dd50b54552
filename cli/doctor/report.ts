/**
 * The doctor's report: a state for each check, and a fix for each fault.
 *
 * @module
 */

/** The result of a check. It never holds a key, a token, or another service's text. */
export interface CheckResult {
  /** Stable, for programs. */
  name: string;
  status: "ok" | "failed" | "skipped";
  /** The finding, or the reason why the check could not run. */
  detail: string;
  /** How to fix the fault; only for failed checks. */
  fix?: string;
}

/** The results of all checks. */
export interface DoctorReport {
  /** Whether no check failed. */
  ok: boolean;
  checks: CheckResult[];
}

/**
 * Returns the result of a check that passed.
 *
 * @param name The check.
 * @param detail The finding.
 * @returns The result.
 */
export function ok(name: string, detail: string): CheckResult {
  return { name, status: "ok", detail };
}

/**
 * Returns the result of a check that found a fault.
 *
 * @param name The check.
 * @param detail The fault.
 * @param fix How to fix it.
 * @returns The result.
 */
export function failed(name: string, detail: string, fix: string): CheckResult {
  return { name, status: "failed", detail, fix };
}

/**
 * Returns the result of a check that could not run.
 *
 * @param name The check.
 * @param reason Why it could not run.
 * @returns The result.
 */
export function skipped(name: string, reason: string): CheckResult {
  return { name, status: "skipped", detail: reason };
}

/**
 * Combines the results of all checks.
 *
 * @param checks The result of each check.
 * @returns The report.
 */
export function toReport(checks: CheckResult[]): DoctorReport {
  return { ok: checks.every(({ status }) => status !== "failed"), checks };
}

/**
 * Formats the report as text: a line for each check, and a second line with the fix for each fault.
 *
 * @param report The report.
 * @returns Lines.
 */
export function describeReport({ checks }: DoctorReport): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const count = (wanted: CheckResult["status"]) => checks.filter(({ status }) => status === wanted).length;
  return [
    ...checks.flatMap(({ name, status, detail, fix }) => [
      `${status.padEnd(8)} ${name.padEnd(width)}  ${detail}`,
      ...(fix === undefined ? [] : [`${" ".repeat(9)}→ ${fix}`]),
    ]),
    "",
    `${count("ok")} ok, ${count("failed")} failed, ${count("skipped")} skipped`,
  ].join("\n");
}
