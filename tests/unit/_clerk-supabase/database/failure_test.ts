import { assertEquals } from "@std/assert";
import { callerFailure, databaseFailure } from "../../../../supabase/functions/_clerk-supabase/database/failure.ts";

const codeOf = (status: number, code: string) => databaseFailure({ status, error: { code } }).code;

Deno.test("databaseFailure() reports temporary failures as unavailable", () => {
  const passing: Array<[number, string]> = [
    ...[[0, ""], [408, ""], [429, ""], [502, ""], [503, ""], [504, ""], [520, ""]] as Array<[number, string]>,
    ...[[503, "PGRST000"], [503, "PGRST002"], [504, "PGRST003"], [500, "40001"], [500, "40P01"]] as Array<
      [number, string]
    >,
    ...[[500, "57014"], [503, "53300"], [500, "55P03"], [503, "08006"], [500, "58030"], [405, "25006"]] as Array<
      [number, string]
    >,
  ];
  for (const [status, code] of passing) assertEquals(codeOf(status, code), "DATABASE_UNAVAILABLE", `${status} ${code}`);
  assertEquals(databaseFailure({ status: 0, error: {} }).headers["retry-after"], "5");
});

Deno.test("databaseFailure() reports failures that need a fix as misconfigured", () => {
  const lasting: Array<[number, string]> = [
    ...[[404, "PGRST202"], [404, "PGRST205"], [403, "42501"], [401, ""]] as Array<[number, string]>,
    ...[[400, "P0001"], [409, "23505"], [500, "XX000"], [400, "22023"], [500, "55000"], [500, "25001"]] as Array<
      [number, string]
    >,
  ];
  for (const [status, code] of lasting) {
    assertEquals(codeOf(status, code), "DATABASE_MISCONFIGURED", `${status} ${code}`);
  }
});

Deno.test("databaseFailure() names the wrong isolation level and its fix", () => {
  const { message } = databaseFailure({ status: 500, error: { code: "25001" } });
  assertEquals(message.includes("alter role service_role reset default_transaction_isolation"), true);
});

Deno.test("callerFailure() distinguishes a token that the Data API rejects from other failures", () => {
  for (const code of ["PGRST300", "PGRST301", "PGRST302", "PGRST303"]) {
    const error = callerFailure({ status: 401, error: { code } });
    assertEquals([error.code, error.headers["retry-after"]], ["DATA_API_REFUSED_TOKEN", "60"]);
  }
  assertEquals(callerFailure({ status: 401, error: { code: "" } }).code, "DATABASE_MISCONFIGURED");
  assertEquals(callerFailure({ status: 0, error: { code: "" } }).code, "DATABASE_UNAVAILABLE");
});
