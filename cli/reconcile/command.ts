/**
 * `backfill` and `reconcile`.
 *
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { describeRefusal } from "../../supabase/functions/_clerk-supabase/database/apply_changes.ts";
import type { DriftReport, ReconcileReport, RefusedItem } from "../../supabase/functions/clerk-reconcile/report.ts";
import { type Kind, KINDS, REQUESTED_TASKS } from "../../supabase/functions/clerk-reconcile/state.ts";
import { CommandError } from "../../project/errors.ts";
import { projectOption } from "../project_option.ts";
import type { CommandContext } from "../command_context.ts";
import { callUntilDone, type ReconcileCall } from "./client.ts";
import { createDisplay } from "./progress.ts";

/** The exit code of shells after Ctrl-C. */
const STOPPED_EXIT_CODE = 130;
const STOPPED_TEXT = "Stopped. The next run continues from here.";

/**
 * Adds `backfill` to the program: imports everything from Clerk.
 *
 * @param program The program.
 * @param context Everything outside of the command.
 */
export function addBackfill(program: Command, context: CommandContext): void {
  program.command("backfill")
    .description(
      "Import every user, organization and membership from Clerk. Ctrl-C stops it; the next run continues from there.",
    )
    .option("--restart", "begin again from the first one")
    .addOption(kindOption())
    .addOption(projectOption())
    .option("--json", "print the result as JSON")
    .action(({ kind, restart, ...how }: How & { kind?: Kind; restart?: boolean }) =>
      run(context, [{ task: "backfill", ...(kind && { kind }), ...(restart && { restart }) }], how)
    );
}

/**
 * Adds `reconcile` to the program: runs the tasks of the schedule by hand.
 *
 * @param program The program.
 * @param context Everything outside of the command.
 */
export function addReconcile(program: Command, context: CommandContext): void {
  program.command("reconcile")
    .description(
      "Repair what webhooks missed: recently updated users, organizations, memberships, and deletions.",
    )
    .addOption(new Option("--task <task>", "run only this task").choices(REQUESTED_TASKS))
    .addOption(new Option("--dry-run", "compare with Clerk and change nothing").conflicts(["task", "maxDeletes"]))
    .addOption(kindOption().conflicts(["dryRun"]))
    .option(
      "--max-deletes <number>",
      "the most users, or items of --kind, that may be deleted (default: 5 % or 10)",
      readCount,
    )
    .addOption(
      new Option(
        "--bind <instance>",
        "bind the database to the Clerk instance of the keys, ins_…, even if it was bound to another one",
      )
        .conflicts(["dryRun"]),
    )
    .option("--restart", "begin again from the first one")
    .addOption(projectOption())
    .option("--json", "print the result as JSON")
    .action((options: ReconcileOptions) => {
      const { task, kind, dryRun, maxDeletes, bind, restart, ...how } = options;
      if (kind && task === "pull") throw new CommandError("Cannot pull: --kind is for backfill and sweep");
      const ask: ReconcileCall = {
        ...(kind && { kind }),
        ...(dryRun && { dry_run: true }),
        ...(maxDeletes !== undefined && { max_deletes: maxDeletes }),
        ...(bind !== undefined && { bind }),
        ...(restart && { restart }),
      };
      if (dryRun) return run(context, [ask], how);
      // By hand, the sweep runs at once, not once a day.
      const tasks: Array<ReconcileCall["task"] & string> = task ? [task] : kind ? ["sweep"] : ["pull", "sweep"];
      return run(context, tasks.map((one) => ({ ...ask, task: one })), how);
    });
}

/** The project, and the form of the output. */
interface How {
  project?: string;
  json?: boolean;
}

/** The options of `reconcile`. */
interface ReconcileOptions extends How {
  task?: ReconcileCall["task"];
  kind?: Kind;
  dryRun?: true;
  maxDeletes?: number;
  bind?: string;
  restart?: true;
}

/** The totals of all calls. */
interface Sums extends Pick<ReconcileReport, "items" | "requests" | "outcomes" | "refused"> {
  /** The progress of each task. */
  tasks: Array<Pick<ReconcileReport, "task" | "kind" | "done" | "progress">>;
  drift?: ReconcileReport["drift"];
}

/** Runs one task after the other, even if one of them fails, and prints the totals in any case. */
async function run(
  context: CommandContext,
  asks: readonly ReconcileCall[],
  { project, json = false }: How,
): Promise<void> {
  const target = await context.findTarget({ project });
  context.printError(`Project ${target.url}`);
  const display = createDisplay(context);
  const items = { users: 0, organizations: 0, memberships: 0 };
  const sums: Sums = { items, requests: 0, outcomes: {}, refused: [], tasks: [] };
  const tell = {
    report: (report: ReconcileReport) => {
      add(sums, report);
      display.report(report);
    },
    wait: display.wait,
  };
  let done = true;
  const failures: unknown[] = [];
  for (const ask of asks) {
    if (!done) break;
    try {
      done = (await callUntilDone(context, target, ask, tell))?.done ?? false;
    } catch (error) {
      failures.push(error);
    }
  }
  display.end();
  if (failures.length > 0) {
    if (sums.tasks.length > 0) print(context, sums, { json, done: false });
    throw failures[0];
  }
  if (!done && !json) context.print(STOPPED_TEXT);
  if (sums.tasks.length > 0) print(context, sums, { json, done });
  if (!done) context.setExitCode(STOPPED_EXIT_CODE);
  else if (sums.refused.length > 0) context.setExitCode(1);
}

function print(context: CommandContext, sums: Sums, { json, done }: { json: boolean; done: boolean }): void {
  context.print(json ? JSON.stringify({ done, ...sums }) : describe(sums).join("\n"));
}

function add(sums: Sums, report: ReconcileReport): void {
  const { task, kind, done, progress, drift } = report;
  const last = sums.tasks.at(-1);
  if (last?.task === task && last.kind === kind) sums.tasks.pop();
  sums.tasks.push({ task, kind, done, progress });
  if (drift) sums.drift = drift;
  for (const one of KINDS) sums.items[one] += report.items[one];
  sums.requests += report.requests;
  for (const [outcome, count] of Object.entries(report.outcomes)) {
    sums.outcomes[outcome] = (sums.outcomes[outcome] ?? 0) + count;
  }
  // An item that several tasks tried is listed once.
  const isNew = (item: RefusedItem) => sums.refused.every((known) => idOf(known) !== idOf(item));
  sums.refused.push(...report.refused.filter(isNew));
}

function describe({ items, requests, outcomes, refused, drift }: Sums): string[] {
  const looked = KINDS.filter((kind) => kind === "users" || items[kind] > 0).map((kind) => `${items[kind]} ${kind}`);
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(", ");
  return [
    `${joinWords(looked)} read in ${requests} requests${counts && !drift ? `: ${counts}` : ""}.`,
    ...refused.map(describeRefused),
    ...(drift ? describeDrifts(drift, items) : []),
  ];
}

/** Leaves out organizations and memberships in a project without any. */
function describeDrifts(drift: NonNullable<ReconcileReport["drift"]>, items: Sums["items"]): string[] {
  return KINDS.filter((kind) => kind === "users" || items[kind] > 0)
    .flatMap((kind) => [...(kind === "users" ? [] : [`${kind}:`]), ...describeDrift(drift[kind])]);
}

function describeDrift(
  { missing, outdated, extra, undecided, deleted_here, refused, examples }: DriftReport,
): string[] {
  const line = (count: number, what: string, ids: string[]) =>
    `${count} ${what}${ids.length > 0 ? `, such as ${ids.slice(0, 3).join(", ")}` : ""}`;
  return [
    line(missing, "missing: Clerk has them, the table does not", examples.missing),
    line(outdated, "outdated: Clerk has a newer version", examples.outdated),
    line(extra, "extra: the table has them, Clerk does not", examples.extra),
    line(undecided, "undecided: like extra, but changed within the last ten minutes", []),
    line(deleted_here, "deleted here permanently, but existing at Clerk (see lift_tombstone)", examples.deleted_here),
    line(refused, "refused: Clerk has them, but the database refuses them", []),
  ];
}

function describeRefused(item: RefusedItem): string {
  const { code, detail } = item;
  const names = describeRefusal(detail);
  const what = code === "DELETE_BLOCKED" ? "Deleted, but the row is kept and hidden" : "Refused";
  return `${what}: ${idOf(item)} (${code}${names && `: ${names}`})`;
}

function idOf({ membership_id, organization_id, user_id }: RefusedItem): string {
  return membership_id ?? organization_id ?? user_id ?? "";
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function kindOption(): Option {
  return new Option("--kind <kind>", "process only this kind").choices(KINDS);
}

function readCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("expected a whole number");
  return Number(text);
}
