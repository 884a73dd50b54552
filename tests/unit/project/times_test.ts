/** Times of the local stack's Data API. */
import { assertEquals } from "@std/assert";
import { asJsonTime } from "../../../project/database/times.ts";

for (
  const [text, expected] of [
    ["2026-11-27 01:02:03.123+00", "2026-11-27T01:02:03.123+00:00"],
    ["2026-11-27 01:02:03-03:30", "2026-11-27T01:02:03-03:30"],
    ["2026-11-27 01:02:03", "2026-11-27T01:02:03"],
    ["0044-03-15 12:00:00+00 BC", "0044-03-15T12:00:00+00:00 BC"],
    ["infinity", "infinity"],
  ] as const
) {
  Deno.test(`PostgreSQL's time ${text} is ${expected} in JSON`, () => assertEquals(asJsonTime(text), expected));
}
