/**
 * `doctor`: what is wrong with an installation, and how to mend it.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { readMigrations } from "../../project/migrations.ts";
import { readProject } from "../../project/project.ts";
import { openFolder, type ProjectFolder } from "../../project/adopted/folder.ts";
import { MANIFEST, readAddedFunctions } from "../../project/adopted/manifest.ts";
import { UsageError } from "../../project/errors.ts";
import type { Surroundings, Target } from "../surroundings.ts";
import { diagnose } from "./diagnose.ts";
import { readOwnColumns } from "./own_columns.ts";
import { describeReport } from "./report.ts";

/** Stands for a project where none is asked. */
const NO_PROJECT = "https://project.invalid";

interface Options {
  project?: string;
  json?: boolean;
  token?: string;
  local?: boolean;
}

/**
 * Adds `doctor`.
 *
 * @param program The program.
 * @param surroundings The world.
 */
export function addDoctor(program: Command, surroundings: Surroundings): void {
  program.command("doctor")
    .description("Check the installation, and say how to mend each fault. No key and no token is printed.")
    .option("--project <folder>", "a project to which deno task add has added the bundle")
    .option("--json", "print the result as JSON")
    .option("--token <session token>", "try this session token (default: one of a live session)")
    .addOption(new Option("--local", "only the checks that need no network").conflicts("token"))
    .addHelpText("after", "\nExit codes: 0 where no check failed, 1 otherwise. docs/cli.md lists the checks.")
    .action((options: Options) => doctor(surroundings, options));
}

async function doctor(surroundings: Surroundings, { project, json, token, local = false }: Options): Promise<void> {
  const { fetch, now, workplace: { root: own } } = surroundings;
  const folder = project === undefined ? undefined : await openFolder(own, project);
  const root = folder?.root;
  const target = await surroundings.findTarget({ root, url: local ? NO_PROJECT : undefined });
  const report = await diagnose({
    ...{ target, fetch, now, token },
    readProject: () => readProject(root),
    readMigrations: () => readMigrations(root),
    readOwnColumns: () => readOwnColumns(root ?? own, now),
    bundle: folder && await functionsIn(folder),
  }, { local });
  const asked = local ? undefined : target;
  const lines = `${describeTarget(asked, project)}\n\n${describeReport(report)}`;
  surroundings.print(json ? JSON.stringify({ project: asked ? originOf(asked) : null, ...report }) : lines);
  if (!report.ok) surroundings.setExitCode(1);
}

/** Which of several projects this is about is the first thing to get wrong. */
function describeTarget(asked: Target | undefined, folder = "this repository"): string {
  const project = asked
    ? `Project ${originOf(asked)}${asked.local ? " (on this machine)" : ""}`
    : "No project is asked";
  return `${project}, with the files of ${folder}`;
}

/** Nothing else that an address may hold, such as a password. */
const originOf = ({ url }: Target) => new URL(url).origin;

/** The others that are there are the adopter's, whatever their names. */
async function functionsIn({ root, name }: ProjectFolder): Promise<string[]> {
  const functions = await readAddedFunctions(root);
  if (functions) return functions;
  throw new UsageError(`Cannot use --project: ${name} has no ${MANIFEST}, which deno task add writes`);
}
