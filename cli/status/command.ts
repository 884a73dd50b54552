/**
 * `status`: shows how fresh the tables are.
 *
 * @module
 */
import type { Command } from "commander";
import type { StatusReport, TaskReport } from "../../supabase/functions/clerk-reconcile/status.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { callFunction } from "../call.ts";
import { describeDuration } from "../duration.ts";
import { commandLine } from "../../project/command_line.ts";
import { CommandError } from "../../project/errors.ts";
import { projectOption } from "../project_option.ts";
import type { CommandContext, Target } from "../command_context.ts";

/**
 * Adds `status` to the program.
 *
 * @param program The program.
 * @param context Everything outside of the command.
 */
export function addStatus(program: Command, context: CommandContext): void {
  program.command("status")
    .description(
      "Show how fresh the tables are: the last message, its lag, the last day's outcomes, and the difference to Clerk.",
    )
    .addOption(projectOption())
    .option("--json", "print the result as JSON")
    .action(async ({ project, json }: { project?: string; json?: boolean }) => {
      const status = await fetchStatus(context, await context.findTarget({ project }));
      context.print(json ? JSON.stringify(status) : describeStatus(status, context.now()));
    });
}

async function fetchStatus({ fetch }: CommandContext, target: Target): Promise<StatusReport> {
  const { status, body } = await callFunction(fetch, target, "clerk-reconcile", {
    signal: AbortSignal.timeout(30_000),
  });
  if (status === 200 && isObject(body)) return body as unknown as StatusReport;
  const why = isObject(body) ? `${body.detail ?? body.message} (${body.code})` : `HTTP ${status}`;
  throw new CommandError(`Cannot read the status: ${why}`);
}

/**
 * Formats the status as text.
 *
 * @param status The answer of `GET /clerk-reconcile`.
 * @param now The clock, in milliseconds.
 * @returns Lines.
 */
export function describeStatus(status: StatusReport, now: number): string {
  const { users, deleted, organizations, clerk_users, clerk_error, last_message, last_day, reconcile } = status;
  const { instance, refusals, failing } = status;
  const age = (time: string) => describeDuration((now - Date.parse(time)) / 1000);
  const task = (name: string, report: TaskReport | null, kind = "users") =>
    `  ${name.padEnd(12)} ${describeTask(report, kind, age)}`;
  return [
    `Users           ${users} live, ${deleted} deleted`,
    ...describeOrganizations(organizations),
    `Clerk           ${
      clerk_users === null
        ? `could not be counted (${clerk_error})`
        : `${clerk_users} users: ${drift(clerk_users - users)}`
    }`,
    `Instance        ${
      instance
        ? `${instance.instance_id}, bound by ${BINDERS[instance.bound_by]} ${age(instance.bound_at)} ago`
        : "not bound yet: the first event or reconcile binds it"
    }`,
    ...describeRefusals(refusals, age),
    ...(failing.since === null
      ? []
      : [`Failing         ${failing.messages} messages for ${age(failing.since)}: Svix sends them again`]),
    `Last message    ${
      last_message
        ? `${last_message.type ?? "unknown"}, ${age(last_message.received_at)} ago, ${
          describeLag(last_message.lag_seconds)
        } behind its event`
        : "none"
    }`,
    `Last day        ${last_day.length === 0 ? "no message" : ""}`.trimEnd(),
    ...last_day.map(({ type, outcome, messages, median_lag_seconds }) =>
      `  ${type.padEnd(18)} ${outcome.padEnd(10)} ${String(messages).padStart(7)}   median lag ${
        describeLag(median_lag_seconds)
      }`
    ),
    `Reconcile       ${reconcile.running ? "running" : "idle"}${
      reconcile.watermark ? `, watermark ${reconcile.watermark}` : `, no backfill yet: ${commandLine("backfill")}`
    }`,
    ...(["backfill", "pull", "sweep"] as const).map((name) => task(name, reconcile[name])),
    ...describeKinds(status, task),
  ].join("\n");
}

const BINDERS = {
  webhook: "a webhook",
  reconcile: "reconcile",
  operator: "an operator",
};

/** Leaves out the line in a project without organizations. */
function describeOrganizations({ live, deleted, memberships }: StatusReport["organizations"]): string[] {
  if (live + deleted === 0) return [];
  return [`Organizations   ${live} live, ${deleted} deleted, ${memberships} memberships`];
}

function describeKinds(
  { organizations, reconcile }: StatusReport,
  task: (name: string, report: TaskReport | null, kind: string) => string,
): string[] {
  if (organizations.live + organizations.deleted === 0) return [];
  return (["organizations", "memberships"] as const).flatMap((kind) => [
    `  of ${kind}`,
    ...(["backfill", "sweep"] as const).map((name) => task(`  ${name}`, reconcile[kind][name], kind)),
  ]);
}

function describeRefusals(
  { users, organizations, memberships, deletions, since }: StatusReport["refusals"],
  age: (time: string) => string,
): string[] {
  if (since === null) return [];
  const others = organizations + memberships > 0 ? `, ${organizations} organizations, ${memberships} memberships` : "";
  return [
    `Refused         by the schema: ${users} users${others}, and the deletion of ${deletions} rows. The first ${
      age(since)
    } ago (reconcile names them)`,
  ];
}

function describeTask(report: TaskReport | null, kind: string, age: (time: string) => string): string {
  if (!report) return "never";
  if (report.finished_at === null) {
    return `unfinished: ${report.items} of ${report.total}, begun ${age(report.started_at)} ago`;
  }
  const ended = `${age(report.finished_at)} ago`;
  if (report.refused) return `REFUSED ${ended}: ${report.absent} of ${report.total} ${kind} no longer exist at Clerk`;
  return `${report.items} ${kind}, finished ${ended}`;
}

/** Compares only the numbers, in which opposite differences cancel out; a dry run compares the users themselves. */
function drift(difference: number): string {
  if (difference === 0) return "as many as the table";
  return `${Math.abs(difference)} ${difference > 0 ? "more" : "fewer"} than the table (reconcile --dry-run lists them)`;
}

function describeLag(seconds: number | null): string {
  if (seconds === null) return "unknown";
  return seconds < 90 ? `${seconds} s` : describeDuration(seconds);
}
