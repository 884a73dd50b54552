import { assertEquals, assertRejects } from "@std/assert";
import { eventually } from "../../../project/eventually.ts";

const patience = { totalMs: 10_000, attemptMs: 5, pauseMs: 0 };

Deno.test("eventually() returns the result of the first attempt that does not throw", async () => {
  let attempts = 0;
  const result = await eventually(() => {
    if (++attempts < 3) throw new Error("too early");
    return attempts;
  });
  assertEquals(result, 3);
});

Deno.test("eventually() tries again after an attempt that never ends", async () => {
  let attempts = 0;
  const result = await eventually(
    () => ++attempts < 3 ? new Promise<number>(() => {}) : Promise.resolve(attempts),
    patience,
  );
  assertEquals(result, 3);
});

Deno.test("eventually() throws the last error when its time is over", async () => {
  const fail = () => Promise.reject(new TypeError("never"));
  await assertRejects(() => eventually(fail, { ...patience, totalMs: -1 }), TypeError, "never");
  await assertRejects(() => eventually(() => new Promise(() => {}), { ...patience, totalMs: -1 }), Error, "0.005 s");
});
