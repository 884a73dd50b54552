/**
 * The steps of a deployment. Each one says what it did, or fails with what to do next; all can be done again.
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

/** What is deployed, and where to. */
export interface Deployment extends Pick<CommandContext, "fetch" | "print" | "printError" | "now" | "sleep" | "stop"> {
  root: URL;
  supabase: RunSupabase;
  packageArguments: Workplace["packageArguments"];
  standInLinks: Workplace["standInLinks"];
  ref: string;
  url: string;
  /** The project's secret key, for its `health`. */
  key: string | undefined;
  database: DatabaseTarget;
  secrets: Secrets;
  /** Where they are read from. */
  secretsFile: string;
  /** What is in nothing that is printed: the secrets, and what opens the project. */
  hidden: Secrets;
  project: ProjectConfig;
}

const AGAIN = `then run ${commandLine("deploy")} again: what is done already is not done twice`;

/** Asks for the names of the project's secrets, which also shows that somebody is logged in and may deploy to it. */
export async function readSecretNames(deployment: Deployment): Promise<string[]> {
  const { code, stdout, stderr } = await run(deployment, ["secrets", "list", "-o", "json"]);
  if (code === 0) {
    const listed = parseJson(stdout);
    return Array.isArray(listed) ? listed.filter(isObject).map(({ name }) => String(name)) : [];
  }
  if (stderr.includes("Access token not provided")) {
    throw new CommandError("Nobody is logged in: run supabase login, or set SUPABASE_ACCESS_TOKEN");
  }
  repeat(deployment, stderr);
  if (stderr.includes("TransportError")) throw new CommandError("Cannot reach Supabase: look at the network");
  throw new CommandError(
    `Cannot ask for the project ${deployment.ref}: look whether supabase projects list shows it, and whether the access ` +
      "token may read and write secrets and functions",
  );
}

/** Runs the checks that need no project. */
export async function checkBefore(deployment: Deployment, names: readonly string[]): Promise<void> {
  const bundle = await readAddedFunctions(deployment.root);
  const report = await checkCandidate({ ...deployment, bundle, names });
  for (const line of describeFaults(report, deployment.secretsFile)) deployment.printError(line);
  if (!report.ok) throw new CommandError(`Nothing is changed. Fix this, then run ${commandLine("deploy")} again`);
  deployment.print("Checked the variables and supabase/config.toml.");
  const checked = [...deployment.project.functions.values()].filter(({ verifyJwt }) => verifyJwt);
  for (const { name } of checked) {
    deployment.print(
      `${name} cannot be called with Clerk's tokens: [functions.${name}] of supabase/config.toml has no verify_jwt = false.`,
    );
  }
}

/** Asks from the bundles' folder too, where the CLI does not read the repository's `.env`. */
export async function checkReach(deployment: Deployment, { workdir }: Bundles): Promise<void> {
  const { code, stdout, stderr } = await run(deployment, ["functions", "list"], { folder: workdir });
  if (code === 0) return;
  repeat(deployment, `${stdout}\n${stderr}`);
  throw new CommandError(
    "Cannot reach the project but with what .env in the repository has: run supabase login, or set SUPABASE_ACCESS_TOKEN " +
      "in the shell. Nothing is changed",
  );
}

/** Applies the migrations that the database does not have. */
export async function pushMigrations(deployment: Deployment, { dryRun }: { dryRun: boolean }): Promise<void> {
  deployment.printError("Asking the database for its migrations …");
  const { remote, env } = deployment.database;
  const result = await run(deployment, ["db", "push", "--yes", ...(dryRun ? ["--dry-run"] : [])], { env }, remote);
  const [failure, next] = dryRun ? ["Cannot ask for", ""] : ["Cannot push", `, ${AGAIN}`];
  const pooler = /IPv6/.test(result.stderr)
    ? ": give deploy --db-url the pooler's connection string (Supabase dashboard → Connect), and its password in PGPASSWORD"
    : ": fix what the Supabase CLI says";
  must(deployment, result, `${failure} the migrations${pooler}${next}`);
  const lines = `${result.stdout}\n${result.stderr}`.split("\n");
  const skipped = lines.filter((line) => line.startsWith("Skipping migration"));
  repeat(deployment, skipped.join("\n"));
  const files = new Set(
    lines.filter((line) => !skipped.includes(line)).flatMap((line) => line.match(/\b\d+_.+?\.sql\b/g) ?? []),
  );
  const verb = dryRun ? "Would push" : "Pushed";
  deployment.print(
    files.size === 0 ? "The database has every migration." : `${verb} ${counted(files.size, "migration")}:`,
  );
  for (const file of files) deployment.print(`  ${file}`);
}

/** Sets the secrets, in a folder without `[edge_runtime.secrets]`: the CLI would set the local stack's too. */
export async function setSecrets(deployment: Deployment, { workdir }: Bundles): Promise<void> {
  const names = Object.keys(deployment.secrets);
  if (names.length === 0) return deployment.print("There are no secrets to set: the project's stay as they are.");
  const result = await withSecretsFile(
    deployment.secrets,
    (path) => run(deployment, ["secrets", "set", "--yes", "--env-file", path], { folder: workdir }),
  );
  must(deployment, result, `Cannot set the secrets; the migrations are pushed. Fix what is said above, ${AGAIN}`);
  deployment.print(`Set ${counted(names.length, "secret")}: ${names.join(", ")}.`);
}

/** Deploys the bundles, and as they are the functions that have none. */
export async function deployFunctions(deployment: Deployment, { workdir, bundled, sources }: Bundles): Promise<void> {
  for (const [folder, names] of [[workdir, bundled], [deployment.root, sources]] as const) {
    if (names.length === 0) continue;
    deployment.printError(`Uploading ${counted(names.length, "function")} …`);
    const result = await run(deployment, ["functions", "deploy", "--use-api", "--yes", ...names], { folder });
    must(
      deployment,
      result,
      `Cannot deploy the functions; migrations and secrets are there. Fix what is said above, ${AGAIN}`,
    );
    // It goes on with a warning where a file is missing, and ends with 0.
    if (LEFT_OUT.test(`${result.stdout}\n${result.stderr}`)) {
      throw new CommandError(
        `The functions ${
          names.join(", ")
        } are deployed, and lack files that they import. Fix what is said above, ${AGAIN}`,
      );
    }
    const how = folder === workdir ? "as single files" : "from their sources";
    deployment.print(`Deployed ${counted(names.length, "function")} ${how}: ${names.join(", ")}.`);
  }
}

/** Other warnings, such as of a variable in `config.toml` that is not set, say nothing of the upload. */
const LEFT_OUT = /\bWARN: (Skipping |failed to read file|.*no such file)/;

/** Asks the deployed functions whether they work. */
export async function askHealth(deployment: Deployment): Promise<void> {
  if (!deployment.project.functions.has("health")) return;
  deployment.printError(`Asking ${deployment.url}/functions/v1/health …`);
  const { status, detail, fix } = await awaitHealth(deployment);
  if (status !== "ok") throw new CommandError(`Everything is deployed, and it does not work yet: ${detail}. → ${fix}`);
  deployment.print("The deployed functions work.");
}

/** Runs the Supabase CLI in the repository, for the project, unless folder and target are others. */
async function run(
  { supabase, root, ref }: Deployment,
  args: readonly string[],
  { folder = root, env = {} }: { folder?: URL; env?: Record<string, string> } = {},
  remote = ref,
): Promise<CliResult> {
  // The flag beats SUPABASE_WORKDIR of the shell.
  const result = await supabase({ folder, env }, [...args, `--workdir=${fileURLToPath(folder)}`, `--remote=${remote}`]);
  requireNotStopped(result.code);
  return result;
}

/** A warning of the CLI is repeated; after a failure, everything it said. */
function must(deployment: Deployment, { code, stdout, stderr }: CliResult, failure: string): void {
  const text = `${stdout}\n${stderr}`;
  repeat(deployment, code === 0 ? text.split("\n").filter((line) => /\bWARN/.test(line)).join("\n") : text);
  if (code !== 0) throw new CommandError(failure);
}

function repeat({ printError, hidden }: Deployment, text: string): void {
  const lines = withoutSecrets(text, hidden).split("\n").filter((line) => line.trim() !== "");
  for (const line of lines) if (!CLI_NOISE.test(line)) printError(`supabase: ${line}`);
}

/** Of the CLI: what is said better by the step that failed. */
const CLI_NOISE = /^(Target: |Confirmed by --yes|Uploading asset |Try rerunning the command with --debug)/;

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
