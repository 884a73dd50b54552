/**
 * Figures from machines that do other things too.
 *
 * @module
 */

/**
 * The value in the middle, which one slow run does not move.
 *
 * @param values At least one.
 * @returns The median.
 */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/**
 * The value below which a share of all values lies.
 *
 * @param values At least one.
 * @param share From 0 to 1.
 * @returns The nearest value.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new RangeError("Cannot tell a percentile of nothing");
  return value;
}
