/**
 * `deploy`: deploys everything to a hosted project with one command.
 *
 * @module
 */
import type { Command } from "commander";
import { commandLine } from "../../project/command_line.ts";
import { makeStateFolder } from "../../project/find_project.ts";
import { type ProjectConfig, readProject } from "../../project/project.ts";
import type { Env } from "../../supabase/functions/_clerk-supabase/config.ts";
import { CommandError, ProjectError, StoppedError } from "../../project/errors.ts";
import { projectOption } from "../project_option.ts";
import type { CommandContext } from "../command_context.ts";
import { bundleFunctions, type Bundles, kindOf } from "../../project/bundles/bundle.ts";
import { findDatabase, findRef, findUrl } from "./linked.ts";
import { describeSecrets, readSecrets, type Secrets } from "./secrets.ts";
import {
  askHealth,
  checkBefore,
  checkReach,
  deployFunctions,
  type Deployment,
  pushMigrations,
  readSecretNames,
  setSecrets,
} from "./steps.ts";

interface Options {
  project?: string;
  dryRun?: boolean;
  projectRef?: string;
  secretsFile?: string;
  dbUrl?: string;
  url?: string;
  sources?: boolean;
  standIns?: boolean;
}

const AFTER = `
The steps: the doctor's checks that need no project, the bundles, the migrations, the secrets of
supabase/functions/.env, the functions, and finally the deployed health. Completed steps are not repeated.

Variables of the shell:
  SUPABASE_ACCESS_TOKEN   needed unless you have run supabase login
  SUPABASE_DB_PASSWORD    optional: without it, the CLI creates a temporary login
  SUPABASE_SECRET_KEY     optional: health then reports its faults`;

/**
 * Adds `deploy` to the program.
 *
 * @param program The program.
 * @param context Everything outside of the command.
 */
export function addDeploy(program: Command, context: CommandContext): void {
  program.command("deploy")
    .description("Deploy the migrations, the secrets and the functions to the linked project.")
    .option("--dry-run", "print what would be done, and change nothing")
    .addOption(projectOption())
    .option("--project-ref <ref>", "deploy to this project instead of the linked one")
    .option("--secrets-file <file>", "the file of secrets (default: supabase/functions/.env)")
    .option("--db-url <url>", "push migrations through this connection; put its password in PGPASSWORD")
    .option("--url <url>", "the project's address (default: https://<ref>.supabase.co)")
    .option("--sources", "upload the sources, and let the platform bundle them")
    .option("--stand-ins", "if JSR does not answer, deploy the stand-ins of project/jsr instead of its packages")
    .addHelpText("after", AFTER)
    .action(async (options: Options) => await stoppable(context, () => deploy(context, options)));
}

/**
 * Treats any failure after Ctrl-C as a stop: the terminal sends it to the Supabase CLI too, so the step may just fail.
 */
async function stoppable({ stop, printError, setExitCode }: CommandContext, run: () => Promise<void>): Promise<void> {
  try {
    return await run();
  } catch (error) {
    const isStopped = error instanceof StoppedError || (stop.aborted && error instanceof CommandError);
    if (!isStopped) throw error;
  }
  printError("Stopped. The next run continues from here.");
  setExitCode(130);
}

async function deploy(context: CommandContext, options: Options): Promise<void> {
  const deployment = await prepare(context, options);
  const { print, stop } = deployment;
  const { dryRun = false } = options;
  print(`Project ${deployment.ref}, ${deployment.url}`);
  const names = await readSecretNames(deployment);
  await checkBefore(deployment, names);
  const bundles = await makeBundles(deployment, options);
  await checkReach(deployment, bundles);
  const steps: Array<() => void | Promise<void>> = dryRun
    ? [
      () => announce(deployment, bundles, names),
      // Last, because it also needs the database.
      () => pushMigrations(deployment, { dryRun }),
      () => print("Nothing is changed."),
    ]
    : [
      () => pushMigrations(deployment, { dryRun }),
      () => setSecrets(deployment, bundles),
      () => deployFunctions(deployment, bundles),
      () => askHealth(deployment),
    ];
  for (const step of steps) {
    if (stop.aborted) throw new StoppedError("Stopped");
    await step();
  }
}

/** Prints what would be done, except for the migrations. */
function announce(
  { print, secrets, url, project }: Deployment,
  { bundled, sources }: Bundles,
  names: readonly string[],
): void {
  const sets = Object.keys(secrets).map((name) => names.includes(name) ? name : `${name} (new)`);
  print(`Would set the secrets: ${sets.join(", ") || "none"}.`);
  print(`Would deploy as single files: ${bundled.join(", ") || "none"}.`);
  print(`Would deploy from their sources: ${sources.join(", ") || "none"}.`);
  if (project.functions.has("health")) print(`Would ask ${url}/functions/v1/health.`);
}

async function prepare(context: CommandContext, options: Options): Promise<Deployment> {
  const { workplace, ...world } = context;
  const { findProject, folder, shell, supabase, packageArguments, standInLinks, may } = workplace;
  if (!await may("run")) {
    throw new CommandError(`Cannot deploy from here: run ${commandLine("deploy")}, which may start programs`);
  }
  const root = await findProject(options.project);
  const ref = await findRef(root, options.projectRef);
  const url = findUrl(ref, options.url);
  const database = findDatabase(ref, options.dbUrl);
  const secrets = await readSecrets(root, options.secretsFile, folder);
  // Throws for values that cannot be set, before anything is changed.
  describeSecrets(secrets);
  const project = await readProject(root).catch((error) => {
    // The other lines of the message quote the file.
    if (error instanceof ProjectError) throw new CommandError(error.message.split("\n")[0]!);
    throw error;
  });
  if (!options.sources) refuseRemotes(project, ref);
  const secretsFile = options.secretsFile ?? "supabase/functions/.env";
  const hidden = { ...secrets, ...keysOf(shell), ...database.env };
  return {
    ...world,
    root,
    supabase,
    packageArguments,
    standInLinks,
    ref,
    url,
    database,
    secrets,
    secretsFile,
    hidden,
    project,
    key: keyFor(url, shell),
  };
}

/** The shell's credentials for the project, which must not be printed. */
function keysOf(shell: Env): Secrets {
  const names = ["SUPABASE_ACCESS_TOKEN", "SUPABASE_DB_PASSWORD", "SUPABASE_SECRET_KEY", "PGPASSWORD"];
  return Object.fromEntries(names.map((name) => [name, shell(name) ?? ""]));
}

/** Refuses `[remotes.*]`, which the bundles' `config.toml` leaves out. `env(NAME)` may stand for any project. */
function refuseRemotes({ remotes }: ProjectConfig, ref: string): void {
  if (!remotes.some((project) => project === ref || project.startsWith("env("))) return;
  throw new CommandError(
    "Cannot bundle: [remotes.*] of supabase/config.toml has settings of functions for this project; " +
      `let the platform bundle instead: ${commandLine("deploy --sources")}`,
  );
}

/** Returns the shell's secret key, unless SUPABASE_URL names another project. */
function keyFor(url: string, shell: Env): string | undefined {
  const named = shell("SUPABASE_URL")?.replace(/\/+$/, "") || url;
  return named === url ? shell("SUPABASE_SECRET_KEY") || undefined : undefined;
}

async function makeBundles(deployment: Deployment, options: Options): Promise<Bundles> {
  const { root, project, print, printError, packageArguments, standInLinks } = deployment;
  const into = new URL("deploy/", await makeStateFolder(root));
  if (options.sources) return await bundleFunctions({ project, into, config: [], asSources: true });
  const kinds = await Promise.all([...project.functions.values()].map((one) => kindOf(one, root)));
  const config = kinds.includes("bundle") ? await packageArguments() : [];
  const links = kinds.includes("added") ? await standInLinks() : {};
  const note = config.length > 0 || Object.keys(links).length > 0 ? judgeStandIns(options) : undefined;
  const bundles = await bundleFunctions({ project, into, config, links });
  print(`Bundled ${bundles.bundled.length} functions.`);
  for (const line of bundles.notes) printError(line);
  if (note !== undefined) printError(note);
  return bundles;
}

/** Requires a choice before stand-ins are deployed: they have only the symbols in use, and come from no registry. */
function judgeStandIns({ standIns = false, dryRun = false }: Options): string {
  if (standIns) return "JSR does not answer: the bundles contain the stand-ins of project/jsr for @std/*.";
  const choice = "try again later, let the platform bundle (--sources), or deploy the stand-ins of project/jsr " +
    "(--stand-ins)";
  if (dryRun) return `JSR does not answer, so a deployment would stop here: ${choice}.`;
  throw new CommandError(`Cannot bundle: JSR does not answer. Nothing is changed; ${choice}`);
}
