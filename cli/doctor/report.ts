/**
 * What the doctor says: a state for each check, and for a fault how to fix it.
 *
 * @module
 */

/** What became of a check. It never holds a key, a token, or what another service wrote. */
export interface CheckResult {
  /** Stable, for programs. */
  name: string;
  status: "ok" | "failed" | "skipped";
  /** What was found; of a check that could not run, why not. */
  detail: string;
  /** What to do about a fault. */
  fix?: string;
}

/** Everything that was found. */
export interface DoctorReport {
  /** Whether no check failed. */
  ok: boolean;
  checks: CheckResult[];
}

/**
 * Says that all is well.
 *
 * @param name The check.
 * @param detail What was found.
 * @returns The result.
 */
export function ok(name: string, detail: string): CheckResult {
  return { name, status: "ok", detail };
}

/**
 * Says that something is wrong.
 *
 * @param name The check.
 * @param detail What was found.
 * @param fix What to do about it.
 * @returns The result.
 */
export function failed(name: string, detail: string, fix: string): CheckResult {
  return { name, status: "failed", detail, fix };
}

/**
 * Says that a check could not run.
 *
 * @param name The check.
 * @param reason Why not.
 * @returns The result.
 */
export function skipped(name: string, reason: string): CheckResult {
  return { name, status: "skipped", detail: reason };
}

/**
 * Sums up.
 *
 * @param checks What became of each.
 * @returns The report.
 */
export function toReport(checks: CheckResult[]): DoctorReport {
  return { ok: checks.every(({ status }) => status !== "failed"), checks };
}

/**
 * Writes the report for people: a line for each check, and under a fault how to fix it.
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
