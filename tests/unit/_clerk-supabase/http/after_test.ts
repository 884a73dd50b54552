import { assertEquals } from "@std/assert";
import { createTimer } from "../../../../supabase/functions/_clerk-supabase/http/after.ts";

/** A timer whose time passes when the test says so. */
function setUp() {
  const alarms: Array<{ atMs: number; controller: AbortController }> = [];
  let timeMs = 0;
  const after = createTimer({
    nowMs: () => timeMs,
    alarm: (milliseconds) => {
      const controller = new AbortController();
      alarms.push({ atMs: timeMs + milliseconds, controller });
      return controller.signal;
    },
  });
  const pass = (milliseconds: number) => {
    timeMs += milliseconds;
    for (const { atMs, controller } of [...alarms]) if (atMs <= timeMs) controller.abort();
  };
  return { after, pass, alarmsMs: () => alarms.map(({ atMs }) => atMs) };
}

Deno.test("createTimer() fires each signal at the end of its time, and not before", () => {
  const { after, pass } = setUp();
  const limits = [after(10_000), after(8_000)];
  pass(1_000);
  limits.push(after(8_000));
  const fired = () => limits.map(({ signal }) => signal.aborted);
  pass(6_999);
  assertEquals(fired(), [false, false, false]);
  pass(1);
  assertEquals(fired(), [false, true, false]);
  pass(1_000);
  assertEquals(fired(), [false, true, true]);
  pass(1_000);
  assertEquals(fired(), [true, true, true]);
  assertEquals(limits[0]!.signal.reason.name, "TimeoutError");
});

Deno.test("createTimer() never fires the signal of a stopped limit, and still fires the others", () => {
  const { after, pass } = setUp();
  const [stopped, running] = [after(1_000), after(1_500)];
  stopped.stop();
  pass(1_000);
  pass(500);
  assertEquals([stopped.signal.aborted, running.signal.aborted], [false, true]);
});

Deno.test("createTimer() sets one alarm for thousands of stopped limits", () => {
  const { after, pass, alarmsMs } = setUp();
  for (let request = 0; request < 5_000; request++) {
    after(8_000).stop();
    pass(1);
  }
  assertEquals(alarmsMs(), [8_000]);
});

Deno.test("createTimer() fires a signal that was started after an alarm rang unheard", () => {
  const { after, pass } = setUp();
  after(1_000).stop();
  pass(5_000);
  const late = after(1_000);
  pass(1_000);
  assertEquals(late.signal.aborted, true);
});
