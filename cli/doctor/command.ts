/**
 * `doctor`: reports faults of an installation, and how to fix them.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Command, Option } from "commander";
import { commandLine } from "../../project/command_line.ts";
import { docsPage } from "../../project/docs_page.ts";
import { isRepository } from "../../project/find_project.ts";
import { readMigrations } from "../../project/migrations.ts";
import { readProject } from "../../project/project.ts";
import { openFolder, type ProjectFolder } from "../../project/adopted/folder.ts";
import { MANIFEST, readAddedFunctions } from "../../project/adopted/manifest.ts";
import { UsageError } from "../../project/errors.ts";
import { projectOption } from "../project_option.ts";
import type { CommandContext, Target } from "../command_context.ts";
import { diagnose } from "./diagnose.ts";
import { readOwnColumns } from "./own_columns.ts";
import { requireRunning } from "./reachable.ts";
import { describeReport } from "./report.ts";

/** A file that identifies a copy of the repository, which has no manifest. */
const COPIED = "supabase/functions/_clerk-supabase/version.ts";

/** The project's address when the doctor sends no request to a project. */
const NO_PROJECT = "https://project.invalid";

interface Options {
  project?: string;
  json?: boolean;
  token?: string;
  local?: boolean;
}

/**
 * Adds `doctor` to the program.
 *
 * @param program The program.
 * @param context Everything outside of the command.
 */
export function addDoctor(program: Command, context: CommandContext): void {
  program.command("doctor")
    .description("Check the installation and print how to fix each fault. Keys and tokens are never printed.")
    .addOption(projectOption())
    .option("--json", "print the result as JSON")
    .option("--token <session token>", "check this session token (default: the token of a live session)")
    .addOption(new Option("--local", "run only the checks that need no network").conflicts("token"))
    .addHelpText(
      "after",
      `\nExit codes: 0 if no check failed, 1 otherwise. ${docsPage("docs/cli.md")} lists the checks.`,
    )
    .action((options: Options) => doctor(context, options));
}

async function doctor(context: CommandContext, { project, json, token, local = false }: Options): Promise<void> {
  const { fetch, now, workplace: { root: own, findProject } } = context;
  const root = await findProject(project);
  const folder = isRepository(root) ? undefined : await openFolder(own, fileURLToPath(root));
  const target = await context.findTarget({ project, url: local ? NO_PROJECT : undefined });
  if (!local) await requireRunning(target, fetch);
  const report = await diagnose({
    ...{ target, fetch, now, token },
    readProject: () => readProject(root),
    readMigrations: () => readMigrations(root),
    readOwnColumns: () => readOwnColumns(root, now),
    bundle: folder && await functionsIn(folder),
  }, { local });
  const asked = local ? undefined : target;
  const lines = `${describeTarget(asked, folder?.name)}\n\n${describeReport(report)}`;
  context.print(json ? JSON.stringify({ project: asked ? originOf(asked) : null, ...report }) : lines);
  if (!report.ok) context.setExitCode(1);
}

/** Names the project first, because checking the wrong one is an easy mistake. */
function describeTarget(asked: Target | undefined, folder = "this repository"): string {
  const project = asked
    ? `Project ${originOf(asked)}${asked.local ? " (on this machine)" : ""}`
    : "No project (local checks only)";
  return `${project}, with the files of ${folder}`;
}

/** Drops anything else that an address may hold, such as a password. */
const originOf = ({ url }: Target) => new URL(url).origin;

/** Other functions are the adopter's, even under the bundle's names. A copy of the repository has every function. */
async function functionsIn({ root, name, has }: ProjectFolder): Promise<string[] | undefined> {
  const functions = await readAddedFunctions(root);
  if (functions || await has(COPIED)) return functions;
  throw new UsageError(`Cannot check ${name}: it has no ${MANIFEST}, which ${commandLine("add <folder>")} writes`);
}
