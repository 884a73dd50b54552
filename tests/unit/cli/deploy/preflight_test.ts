import { assertEquals } from "@std/assert";
import { describeFaults } from "../../../../cli/deploy/preflight.ts";
import { failed, ok, skipped, toReport } from "../../../../cli/doctor/report.ts";
import { WHERE_TO_SET } from "../../../../cli/doctor/variables.ts";

Deno.test("describeFaults() lists each failed check with its fix, and no other check", () => {
  const report = toReport([ok("a", "fine"), failed("b", "broken", "Fix it"), skipped("c", "not here")]);
  assertEquals(describeFaults(report, ".env"), ["b: broken", "→ Fix it"]);
});

Deno.test("describeFaults() names the file that the secrets are read from", () => {
  const report = toReport([failed("variable X", "X is not set", `Set it ${WHERE_TO_SET} (dashboard)`)]);
  assertEquals(
    describeFaults(report, "prod.env")[1],
    "→ Set it in prod.env (you can start with a copy of .env.example) (dashboard)",
  );
});
