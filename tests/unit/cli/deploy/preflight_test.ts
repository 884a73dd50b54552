import { assertEquals } from "@std/assert";
import { describeFaults } from "../../../../cli/deploy/preflight.ts";
import { failed, ok, skipped, toReport } from "../../../../cli/doctor/report.ts";

Deno.test("describeFaults() says what is wrong and what to do, and nothing of the rest", () => {
  const report = toReport([ok("a", "fine"), failed("b", "broken", "Mend it"), skipped("c", "not here")]);
  assertEquals(describeFaults(report), ["b: broken", "→ Mend it"]);
});
