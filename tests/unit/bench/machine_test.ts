/** Who takes the processors during a measurement: its own processes do not count as others'. */
import { assertEquals, assertThrows } from "@std/assert";
import { judge, MOST_OTHERS_SHARE, type Process, requireIdle, type Snapshot } from "../../../bench/machine.ts";

const OWN = 100;

const process = (pid: number, parent: number, ticks: number, more: Partial<Process> = {}): Process => {
  return { pid, parent, ticks, name: `p${pid}`, isMarked: false, ...more };
};

const snapshot = (busyTicks: number, processes: Process[]): Snapshot => {
  return { busyTicks, allTicks: busyTicks * 2, processes };
};

Deno.test("a run's own processes and their children are not others", () => {
  const before = snapshot(1_000, [process(OWN, 1, 50), process(101, OWN, 10)]);
  const after = snapshot(1_100, [process(OWN, 1, 90), process(101, OWN, 30), process(102, 101, 40)]);
  assertEquals(judge([before, after], OWN), { othersShare: 0, busiest: [] });
});

Deno.test("a daemon of the run that has ended counts as the run's until it was last seen", () => {
  const daemon = [process(200, 1, 60, { isMarked: true }), process(201, 200, 20)];
  const snapshots = [
    snapshot(1_000, [process(OWN, 1, 50)]),
    snapshot(1_090, [process(OWN, 1, 60), ...daemon]),
    snapshot(1_100, [process(OWN, 1, 70)]),
  ];
  assertEquals(judge(snapshots, OWN).othersShare, 0);
});

Deno.test("what others took is a share of all processors, and the busiest are named first", () => {
  const before = snapshot(1_000, [process(OWN, 1, 50), process(300, 1, 10), process(301, 1, 10)]);
  const after = snapshot(1_100, [process(OWN, 1, 60), process(300, 1, 30), process(301, 1, 80)]);
  assertEquals(judge([before, after], OWN), { othersShare: 0.45, busiest: ["p301 (pid 301)", "p300 (pid 300)"] });
});

Deno.test("results of a busy machine are refused, with what took the processors", () => {
  const load = { loadAverages: [0, 0] as [number, number], busiest: ["rustc (pid 77)"] };
  requireIdle("row", { ...load, othersShare: MOST_OTHERS_SHARE });
  assertThrows(
    () => requireIdle("row", { ...load, othersShare: 0.34 }),
    Error,
    "Cannot save row: other processes took 34 % of the processors during the run (limit 10 %). " +
      "Stop rustc (pid 77) and run it again.",
  );
});
