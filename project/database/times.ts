/**
 * Times as hosted. PostgREST has PostgreSQL write them as JSON, with a `T`; drivers get them with a blank.
 *
 * @module
 */

/** A parser of `postgres` and of PGlite. */
type Parse = (text: string) => string;

/** PostgreSQL's numbers of the types `timestamp` and `timestamptz`. */
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;

/** `2026-11-27 01:02:03.123+00`; years before Christ end with BC. */
const WRITTEN = /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(:\d\d(?::\d\d)?)?)?( BC)?$/;

/**
 * Writes a time as JSON has it.
 *
 * @param text The time as PostgreSQL sends it.
 * @returns Such as `2026-11-27T01:02:03.123+00:00`; what is not a time, such as `infinity`, as it is.
 */
export const asJsonTime: Parse = (text) =>
  text.replace(WRITTEN, (_, date, time, hours = "", minutes = hours && ":00", era = "") => {
    return `${date}T${time}${hours}${minutes}${era}`;
  });

/** For PGlite. */
export const TIME_PARSERS: Record<number, Parse> = { [TIMESTAMP]: asJsonTime, [TIMESTAMPTZ]: asJsonTime };

const ofType = (type: number) => ({
  to: type,
  from: [type],
  serialize: (value: unknown) => value instanceof Date ? value.toISOString() : String(value),
  parse: asJsonTime,
});

/** For `postgres`. */
export const TIME_TYPES = { timestamp: ofType(TIMESTAMP), timestamptz: ofType(TIMESTAMPTZ) };
