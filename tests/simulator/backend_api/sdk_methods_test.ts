/** Every method of Clerk's own package works with the simulator, or is told that it is not simulated. */
import { assertEquals } from "@std/assert";
import { SIMULATED } from "./calls.ts";
import { callEveryMethod, type Outcome } from "./sdk_methods.ts";

let called: Promise<Outcome[]> | undefined;
const outcomes = () => called ??= callEveryMethod();
const isSimulated = ({ name }: Outcome) => Object.hasOwn(SIMULATED, name);

Deno.test("every method of @clerk/backend that the simulator has succeeds", async () => {
  const failed = (await outcomes()).filter((outcome) => isSimulated(outcome) && outcome.error !== undefined);
  assertEquals(failed, []);
});

Deno.test("every other method of @clerk/backend is answered 501 not_simulated", async () => {
  const others = (await outcomes()).filter((outcome) => !isSimulated(outcome));
  assertEquals(others.filter(({ error }) => error !== "501 not_simulated"), []);
});
