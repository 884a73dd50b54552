/**
 * Formats times as PostgREST does, with a `T`; drivers get them from PostgreSQL with a space.
 *
 * @module
 */

/** A parser of `postgres` and of PGlite. */
type Parse = (text: string) => string;

/** PostgreSQL's ids of the types `timestamp` and `timestamptz`. */
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;

/** Matches `2026-11-27 01:02:03.123+00`; years before Christ end with BC. */
const WRITTEN = /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(:\d\d(?::\d\d)?)?)?( BC)?$/;

/**
 * Converts a time to PostgreSQL's JSON format.
 *
 * @param text The time as PostgreSQL sends it.
 * @returns Such as `2026-11-27T01:02:03.123+00:00`; other values, such as `infinity`, are returned unchanged.
 */
export const asJsonTime: Parse = (text) =>
  text.replace(WRITTEN, (_, date, time, hours = "", minutes = hours && ":00", era = "") => {
    return `${date}T${time}${hours}${minutes}${era}`;
  });

/** Parsers for PGlite. */
export const TIME_PARSERS: Record<number, Parse> = { [TIMESTAMP]: asJsonTime, [TIMESTAMPTZ]: asJsonTime };

const ofType = (type: number) => ({
  to: type,
  from: [type],
  serialize: (value: unknown) => value instanceof Date ? value.toISOString() : String(value),
  parse: asJsonTime,
});

/** Types for the driver `postgres`. */
export const TIME_TYPES = { timestamp: ofType(TIMESTAMP), timestamptz: ofType(TIMESTAMPTZ) };
