/** Tests that SQL and TypeScript classify every failure code alike. */
import { assertEquals } from "@std/assert";
import { isPassing } from "../../supabase/functions/_clerk-supabase/database/failure.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();
const test = testsOf("");

/** Every class of PostgreSQL, codes that differ from their class, and a code that is not PostgreSQL's. */
const CLASSES =
  "00 01 02 03 08 09 0A 0B 0F 0L 0P 0Z 10 20 21 22 23 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 40 42 44 53 54 55 57 58 72 F0 HV P0 XX PT"
    .split(" ");
const ENDINGS = "000 001 002 003 004 005 006 014 030 501 P01 P02 P03 P04 00N".split(" ");

test("is_passing() in SQL and isPassing() agree on every code", async () => {
  const codes = CLASSES.flatMap((first) => ENDINGS.map((last) => first + last));
  const found = await database.query(
    "select code, clerk.is_passing(code) as passes from unnest($1::text[]) as list (code)",
    [
      codes,
    ],
  );
  assertEquals(found.map(({ code, passes }) => [code, passes]), codes.map((code) => [code, isPassing(code)]));
});

test("is_passing() distinguishes transient failures from failures that need a fix", async () => {
  const tell = async (...codes: string[]) => {
    const [row] = await database.query(
      "select array(select clerk.is_passing(code) from unnest($1::text[]) as list (code)) as told",
      [
        codes,
      ],
    );
    return new Set(row!.told as boolean[]);
  };
  assertEquals(
    await tell("08006", "25006", "40001", "40P01", "53100", "53300", "55006", "55P03", "57014", "57P01", "58030"),
    new Set([true]),
  );
  assertEquals(
    await tell(
      "22001",
      "22P02",
      "23502",
      "23503",
      "23505",
      "23514",
      "25001",
      "27000",
      "42501",
      "54000",
      "54001",
      "55000",
      "P0001",
      "P0004",
      "XX000",
      "PT409",
    ),
    new Set([false]),
  );
});
