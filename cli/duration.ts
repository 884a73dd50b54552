/**
 * Durations as text.
 *
 * @module
 */

/**
 * Formats a duration in a suitable unit.
 *
 * @param seconds Seconds; negative numbers count as 0.
 * @returns Such as `42 s`, `5 min`, `3 h` or `4 days`.
 */
export function describeDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
