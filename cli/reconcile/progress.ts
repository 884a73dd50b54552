/**
 * Shows the progress of a long task: a bar on a terminal, otherwise a line every few seconds.
 *
 * @module
 */
import cliProgress from "cli-progress";
import type { ReconcileReport } from "../../supabase/functions/clerk-reconcile/report.ts";
import { describeDuration } from "../duration.ts";
import type { CommandContext } from "../command_context.ts";

/** A display of progress on stderr. */
export interface ProgressDisplay {
  report: (report: ReconcileReport) => void;
  wait: (why: string, seconds: number) => void;
  end: () => void;
}

/** The least time between two plain lines. */
const LINE_INTERVAL_MS = 5_000;

/**
 * Creates a bar on a terminal, and otherwise plain lines.
 *
 * @param context Terminal and clock.
 * @returns The display.
 */
export function createDisplay(context: CommandContext): ProgressDisplay {
  const rate = createRate(context.now);
  return context.terminal ? createBar(context, rate) : createLines(context, rate);
}

/** Items per second since the command began, and the seconds left. */
type Rate = (report: ReconcileReport) => { rate: number; left: number };

function createRate(now: () => number): Rate {
  const started = now();
  let items = 0;
  return (report) => {
    items += report.items.users + report.items.organizations + report.items.memberships;
    const seconds = Math.max(0.001, (now() - started) / 1000);
    const rate = items / seconds;
    const missing = Math.max(0, (report.progress?.total ?? 0) - (report.progress?.items ?? 0));
    return { rate: Math.round(rate), left: rate > 0 ? Math.ceil(missing / rate) : 0 };
  };
}

function createBar({ printError }: CommandContext, measure: Rate): ProgressDisplay {
  const format = "{task} |{bar}| {value} of {total}  {rate} {kind}/s  {time} left";
  const bar = new cliProgress.SingleBar({ format, hideCursor: true }, cliProgress.Presets.shades_classic);
  let task: string | undefined;
  return {
    report: (report) => {
      const { progress } = report;
      if (!progress) return;
      const { rate, left } = measure(report);
      const payload = { task: report.task, kind: report.kind, rate, time: describeDuration(left) };
      // Users who sign up meanwhile may exceed the total.
      const total = Math.max(progress.total, progress.items);
      const name = `${report.task} ${report.kind}`;
      if (task !== name) bar.start(total, progress.items, payload);
      task = name;
      bar.setTotal(total);
      bar.update(progress.items, payload);
    },
    wait: (why, seconds) => printError(`\n${why}. Trying again in ${seconds} s.`),
    end: () => bar.stop(),
  };
}

function createLines({ printError, now }: CommandContext, measure: Rate): ProgressDisplay {
  let printed = -Infinity;
  return {
    report: (report) => {
      const { rate, left } = measure(report);
      const { task, kind, progress, done } = report;
      if (!progress || (!done && now() - printed < LINE_INTERVAL_MS)) return;
      printed = now();
      // The number of updated users is not known beforehand.
      const total = progress.total > 0 ? ` of ${progress.total}` : "";
      const ending = done ? "done" : total === "" ? "running" : `${describeDuration(left)} left`;
      printError(`${task}: ${progress.items}${total}, ${rate} ${kind}/s, ${ending}`);
    },
    wait: (why, seconds) => printError(`${why}. Trying again in ${seconds} s.`),
    end: () => {},
  };
}
