/**
 * The steps of a deployment. Each prints its result, or fails with the next thing to do; each can be repeated.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { readAddedFunctions } from "../../project/adopted/manifest.ts";
import { commandLine } from "../../project/command_line.ts";
import type { ProjectConfig } from "../../project/project.ts";
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import type { CliResult, RunSupabase } from "../../project/supabase_cli.ts";
import { CommandError, requireNotStopped } from "../../project/errors.ts";
import type { CommandContext, Workplace } from "../command_context.ts";
import type { Bundles } from "../../project/bundles/bundle.ts";
import { awaitHealth } from "./health.ts";
import type { DatabaseTarget } from "./linked.ts";
import { checkCandidate, describeFaults } from "./preflight.ts";
import { type Secrets, withoutSecrets, withSecretsFile } from "./secrets.ts";

/** The project and everything that its deployment needs. */
export interface Deployment extends Pick<CommandContext, "fetch" | "print" | "printError" | "now" | "sleep" | "stop"> {
  root: URL;
  supabase: RunSupabase;
  packageArguments: Workplace["packageArguments"];
  standInLinks: Workplace["standInLinks"];
  ref: string;
  url: string;
  /** The project's secret key, for calling `health`. */
  key: string | undefined;
  database: DatabaseTarget;
  secrets: Secrets;
  /** The file that the secrets are read from. */
  secretsFile: string;
  /** Values that are never printed: the secrets, and the credentials for the project. */
  hidden: Secrets;
  project: ProjectConfig;
}

const AGAIN = `then run ${commandLine("deploy")} again: completed steps are not repeated`;

/** Reads the names of the project's secrets, which also checks that the user is logged in and may deploy. */
export async function readSecretNames(deployment: Deployment): Promise<string[]> {
  const { code, stdout, stderr } = await run(deployment, ["secrets", "list", "-o", "json"]);
  if (code === 0) {
    const listed = parseJson(stdout);
    return Array.isArray(listed) ? listed.filter(isObject).map(({ name }) => String(name)) : [];
  }
  if (stderr.includes("Access token not provided")) {
    throw new CommandError("You are not logged in: run supabase login, or set SUPABASE_ACCESS_TOKEN");
  }
  repeat(deployment, stderr);
  if (stderr.includes("TransportError")) throw new CommandError("Cannot reach Supabase: check the network connection");
  throw new CommandError(
    `Cannot read the project ${deployment.ref}: check that supabase projects list shows it, and that the access token may ` +
      "read and write secrets and functions",
  );
}

/** Runs the checks that need no project. */
export async function checkBefore(deployment: Deployment, names: readonly string[]): Promise<void> {
  const bundle = await readAddedFunctions(deployment.root);
  const report = await checkCandidate({ ...deployment, bundle, names });
  for (const line of describeFaults(report, deployment.secretsFile)) deployment.printError(line);
  if (!report.ok) {
    throw new CommandError(`Nothing is changed. Fix the faults above, then run ${commandLine("deploy")} again`);
  }
  deployment.print("Checked the variables and supabase/config.toml.");
  const checked = [...deployment.project.functions.values()].filter(({ verifyJwt }) => verifyJwt);
  for (const { name } of checked) {
    deployment.print(
      `${name} cannot be called with Clerk's tokens: [functions.${name}] of supabase/config.toml has no verify_jwt = false.`,
    );
  }
}

/** Checks the access from the bundles' folder too, because there the CLI does not read the repository's `.env`. */
export async function checkReach(deployment: Deployment, { workdir }: Bundles): Promise<void> {
  const { code, stdout, stderr } = await run(deployment, ["functions", "list"], { folder: workdir });
  if (code === 0) return;
  repeat(deployment, `${stdout}\n${stderr}`);
  throw new CommandError(
    "The access token is only in the repository's .env, which deploy cannot use: run supabase login, or set " +
      "SUPABASE_ACCESS_TOKEN in the shell. Nothing is changed",
  );
}

/** Applies the migrations that the database does not have. */
export async function pushMigrations(deployment: Deployment, { dryRun }: { dryRun: boolean }): Promise<void> {
  deployment.printError("Reading the database's migrations …");
  const { remote, env } = deployment.database;
  const result = await run(deployment, ["db", "push", "--yes", ...(dryRun ? ["--dry-run"] : [])], { env }, remote);
  const [failure, next] = dryRun ? ["Cannot read", ""] : ["Cannot push", `, ${AGAIN}`];
  const pooler = /IPv6/.test(result.stderr)
    ? ": pass --db-url with the pooler's connection string (Supabase dashboard → Connect), and its password in PGPASSWORD"
    : ": fix the errors of the Supabase CLI above";
  must(deployment, result, `${failure} the migrations${pooler}${next}`);
  const lines = `${result.stdout}\n${result.stderr}`.split("\n");
  const skipped = lines.filter((line) => line.startsWith("Skipping migration"));
  repeat(deployment, skipped.join("\n"));
  const files = new Set(
    lines.filter((line) => !skipped.includes(line)).flatMap((line) => line.match(/\b\d+_.+?\.sql\b/g) ?? []),
  );
  const verb = dryRun ? "Would push" : "Pushed";
  deployment.print(
    files.size === 0 ? "The database already has every migration." : `${verb} ${counted(files.size, "migration")}:`,
  );
  for (const file of files) deployment.print(`  ${file}`);
}

/** Sets the secrets, from a folder without `[edge_runtime.secrets]`, because the CLI would set those as well. */
export async function setSecrets(deployment: Deployment, { workdir }: Bundles): Promise<void> {
  const names = Object.keys(deployment.secrets);
  if (names.length === 0) return deployment.print("There are no secrets to set: the project's secrets do not change.");
  const result = await withSecretsFile(
    deployment.secrets,
    (path) => run(deployment, ["secrets", "set", "--yes", "--env-file", path], { folder: workdir }),
  );
  must(deployment, result, `Cannot set the secrets; the migrations are pushed. Fix the errors above, ${AGAIN}`);
  deployment.print(`Set ${counted(names.length, "secret")}: ${names.join(", ")}.`);
}

/** Deploys the bundles, and the sources of the functions without a bundle. */
export async function deployFunctions(deployment: Deployment, { workdir, bundled, sources }: Bundles): Promise<void> {
  for (const [folder, names] of [[workdir, bundled], [deployment.root, sources]] as const) {
    if (names.length === 0) continue;
    deployment.printError(`Uploading ${counted(names.length, "function")} …`);
    const result = await run(deployment, ["functions", "deploy", "--use-api", "--yes", ...names], { folder });
    must(
      deployment,
      result,
      `Cannot deploy the functions; migrations and secrets are deployed. Fix the errors above, ${AGAIN}`,
    );
    // If a file is missing, the CLI only warns, and exits with 0.
    if (LEFT_OUT.test(`${result.stdout}\n${result.stderr}`)) {
      throw new CommandError(
        `The functions ${names.join(", ")} were deployed with missing imports. Fix the errors above, ${AGAIN}`,
      );
    }
    const how = folder === workdir ? "as single files" : "from their sources";
    deployment.print(`Deployed ${counted(names.length, "function")} ${how}: ${names.join(", ")}.`);
  }
}

/** Warnings about missing files. Others, such as an unset variable in `config.toml`, do not concern the upload. */
const LEFT_OUT = /\bWARN: (Skipping |failed to read file|.*no such file)/;

/** Calls the deployed `health`, and fails unless it reports that everything works. */
export async function askHealth(deployment: Deployment): Promise<void> {
  if (!deployment.project.functions.has("health")) return;
  deployment.printError(`Calling ${deployment.url}/functions/v1/health …`);
  const { status, detail, fix } = await awaitHealth(deployment);
  if (status !== "ok") throw new CommandError(`Everything is deployed, but it does not work yet: ${detail}. → ${fix}`);
  deployment.print("The deployed functions work.");
}

/** Runs the Supabase CLI, by default in the repository and for the deployment's project. */
async function run(
  { supabase, root, ref }: Deployment,
  args: readonly string[],
  { folder = root, env = {} }: { folder?: URL; env?: Record<string, string> } = {},
  remote = ref,
): Promise<CliResult> {
  // The flag overrides SUPABASE_WORKDIR of the shell.
  const result = await supabase({ folder, env }, [...args, `--workdir=${fileURLToPath(folder)}`, `--remote=${remote}`]);
  requireNotStopped(result.code);
  return result;
}

/** Repeats the CLI's warnings, or all of its output after a failure, and then throws. */
function must(deployment: Deployment, { code, stdout, stderr }: CliResult, failure: string): void {
  const text = `${stdout}\n${stderr}`;
  repeat(deployment, code === 0 ? text.split("\n").filter((line) => /\bWARN/.test(line)).join("\n") : text);
  if (code !== 0) throw new CommandError(failure);
}

function repeat({ printError, hidden }: Deployment, text: string): void {
  const lines = withoutSecrets(text, hidden).split("\n").filter((line) => line.trim() !== "");
  for (const line of lines) if (!CLI_NOISE.test(line)) printError(`supabase: ${line}`);
}

/** Lines of the CLI that do not help: the failed step has a better message. */
const CLI_NOISE = /^(Target: |Confirmed by --yes|Uploading asset |Try rerunning the command with --debug)/;

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
