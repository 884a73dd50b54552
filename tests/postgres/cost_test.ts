/** Tests costs that are the same on every machine, unlike times, so that a change of them is intended. */
import { assert, assertEquals } from "@std/assert";
import { type FunctionCosts, measureCosts } from "../../bench/costs.ts";
import { testsOf } from "../helpers/shared_test.ts";
import expected from "../../bench/expected.json" with { type: "json" };

testsOf("")("requests, statements, modules and bundles have the costs in bench/expected.json", async () => {
  const { functions, statements } = await measureCosts();
  const more = "The costs have changed. If that is intended, run deno task bench costs --write";
  assertEquals({ statements }, { statements: expected.statements }, more);
  for (const [name, costs] of Object.entries(functions)) {
    const { bundle, ...rest }: FunctionCosts = costs;
    const { bundle: meant, ...others } = expected.functions[name as keyof typeof expected.functions];
    assertEquals<unknown>({ name, ...rest }, { name, ...others }, more);
    // The stand-ins of JSR packages are some lines shorter than the packages.
    assert(Math.abs(bundle - meant) <= meant * 0.02, `${name}: the bundle has ${bundle} kB, not ${meant}. ${more}`);
  }
});
