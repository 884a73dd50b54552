/** Times are noise in CI; these figures are the same on any machine, and a change of them is to be meant. */
import { assert, assertEquals } from "@std/assert";
import { type FunctionCosts, measureCosts } from "../../bench/costs.ts";
import { testsOf } from "../helpers/shared_test.ts";
import expected from "../../bench/expected.json" with { type: "json" };

testsOf("")("requests, statements, modules and bundles cost what bench/expected.json says", async () => {
  const { functions, statements } = await measureCosts();
  const more = "It costs more or less than before. Where that is meant: deno task bench costs --write";
  assertEquals({ statements }, { statements: expected.statements }, more);
  for (const [name, costs] of Object.entries(functions)) {
    const { bundle, ...rest }: FunctionCosts = costs;
    const { bundle: meant, ...others } = expected.functions[name as keyof typeof expected.functions];
    assertEquals<unknown>({ name, ...rest }, { name, ...others }, more);
    // The stand-ins of JSR packages are shorter than these by some lines.
    assert(Math.abs(bundle - meant) <= meant * 0.02, `${name}: the bundle has ${bundle} kB, not ${meant}. ${more}`);
  }
});
