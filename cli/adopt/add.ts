/**
 * `add`: adds the bundle to a project that has its own migrations and functions, or updates it there.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { type Migration, readMigrations } from "../../project/migrations.ts";
import { VERSION } from "../../supabase/functions/_clerk-supabase/version.ts";
import { commandLine } from "../../project/command_line.ts";
import { CommandError, UsageError } from "../../project/errors.ts";
import type { CommandContext } from "../command_context.ts";
import { describeConfig } from "./config_file.ts";
import { ADDED, type Files, OPTIONAL, readContents } from "../../project/adopted/contents.ts";
import { blockOf, type ProjectFolder, SECRETS, SHARED_FILES } from "../../project/adopted/folder.ts";
import { formatManifest, MANIFEST, type Manifest, parseManifest } from "../../project/adopted/manifest.ts";
import { describeNext, DOCS_PAGE } from "./next_steps.ts";
import { makePlan, type Plan } from "./plan.ts";
import { openProject, withProject } from "./project_argument.ts";
import { findImporters } from "./importers.ts";
import { describeImporters, describeKept, describePath, listFiles } from "./report.ts";
import { describeGateway, isSettings } from "./restore.ts";
import { REMOVAL } from "./remove.ts";
import { readSchemaFiles, type SchemaFile } from "./schema_files.ts";
import { findObstacle } from "./users_table.ts";

const VARIABLES = `# Variables of the functions. Copy this file to ${SECRETS}. An empty value counts as not set.
# The platform sets SUPABASE_URL and its keys; names that begin with SUPABASE_ cannot be set here.
`;

const AFTER = `
It never overwrites your own files: if one is in the way, nothing is changed. Run it again to update: files that you have
edited are kept and listed. The examples hello, resumes and projects are left out. See ${DOCS_PAGE}.`;

/**
 * Adds `add` to the program.
 *
 * @param program The program.
 * @param context Everything outside of the command.
 */
export function addAdd(program: Command, context: CommandContext): void {
  withProject(program.command("add"))
    .description("Add the functions and migrations to a Supabase project, or update them there.")
    .addOption(
      new Option(
        "--without <functions...>",
        "functions to leave out; replaces an earlier list, and is remembered for updates",
      ).choices(OPTIONAL),
    )
    .option("--restore", "restore the bundle's settings if they were edited or deleted, and change nothing else")
    .addHelpText("after", AFTER)
    .action((folder: string | undefined, options: Options) => add(context, folder, options));
}

interface Options {
  project?: string;
  without?: string[];
  restore?: boolean;
}

async function add(
  { print, printError, workplace }: CommandContext,
  argument: string | undefined,
  { project, without: left, restore = false }: Options,
): Promise<void> {
  const { root, may } = workplace;
  if (!await may("write")) {
    throw new CommandError(`Cannot add from here: run ${commandLine("add")}, which may write files`);
  }
  const folder = await openProject(workplace, argument, project);
  const before = parseManifest(await folder.read(MANIFEST));
  if (restore && !before) {
    throw new UsageError(
      `Cannot restore: the bundle is not in ${folder.name}, which has no ${MANIFEST}. Run add without --restore`,
    );
  }
  const own = await readOwnMigrations(folder);
  refuseRemoved(own);
  const schemas = await readSchemaFiles(folder.root);
  refuseMigrations(own, await readMigrations(root), before ? undefined : schemas);
  const without = left ?? before?.without ?? [];
  const wanted = await readWanted(folder, root, without);
  const plan = await makePlan(
    wanted,
    await readPresent(folder, wanted, before),
    before?.files ?? {},
    (path) => restore && isSettings(path),
  );
  refuseConflicts(plan);
  await carryOut(folder, plan, { version: VERSION, without, files: plan.files });
  print(describe(plan, folder, before));
  for (const line of describeKept(plan.kept, isSettings)) printError(line);
  const functions = ADDED.filter((name) => !without.includes(name));
  for (const line of await describeGateway(folder.root, functions)) printError(line);
  const importers = await findImporters(folder.root, new Set(plan.deletes), (path) => !(path in plan.files));
  for (const line of describeImporters(importers)) printError(line);
  if (plan.writes.size + plan.deletes.length === 0) return;
  const hasSecrets = await folder.has(SECRETS);
  const known = { without, own: own.map(fileOf), before, hasSchemas: schemas.length > 0, hasSecrets };
  print(describeNext(plan, folder, { ...known, from: workplace.folder }));
}

function refuseRemoved(own: readonly Migration[]): void {
  const removal = own.find(({ name }) => name === REMOVAL);
  if (!removal) return;
  throw new CommandError(
    `Cannot add: ${fileOf(removal)} has removed the bundle. If it has not been pushed, delete it; see ${DOCS_PAGE}`,
  );
}

/** Refuses migrations and schema files that conflict with the bundle's; objects only before the first `add`. */
function refuseMigrations(
  own: readonly Migration[],
  ours: readonly Migration[],
  schemas?: readonly SchemaFile[],
): void {
  const theirs = own.filter((one) => !ours.some((other) => fileOf(other) === fileOf(one)));
  const same = theirs.find(({ version }) => ours.some((one) => one.version === version));
  if (same) throw new CommandError(`Cannot add: ${fileOf(same)} has the same version as a migration of the bundle`);
  if (!schemas) return;
  const first = ours[0]!.version;
  const scripts = theirs.map((one) => ({ path: fileOf(one), sql: one.sql, isLate: one.version > first }));
  // A declarative schema describes the final database, so its obstacles count even after a rename in a migration.
  const obstacle = findObstacle(scripts) ?? findObstacle(schemas);
  if (!obstacle) return;
  const { path, what, isLate } = obstacle;
  // A rename would have to run between the two migrations.
  const late = what.startsWith("public.") && isLate
    ? `, and it is too late to rename it before ${first}: give it an earlier version`
    : "";
  throw new CommandError(
    `Cannot add: ${path} creates ${what}, which the bundle creates${late}. See ${DOCS_PAGE}`,
  );
}

const fileOf = ({ version, name }: Migration) => `supabase/migrations/${version}_${name}.sql`;

async function readOwnMigrations({ root }: ProjectFolder): Promise<Migration[]> {
  return await readMigrations(root).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  });
}

/** Reads every file of the bundle for this project, including the blocks in the adopter's own files. */
async function readWanted(folder: ProjectFolder, root: URL, without: readonly string[]): Promise<Files> {
  const config = await folder.read(SHARED_FILES.config) ?? "";
  const functions = ADDED.filter((name) => !without.includes(name));
  return new Map([
    ...await readContents(root, without),
    [blockOf(SHARED_FILES.config), describeConfig(config, functions)],
    [blockOf(SHARED_FILES.example), await readVariables(root)],
    [blockOf(SHARED_FILES.ignored), ".env\n"],
  ]);
}

/** Replaces the first lines of our `.env.example`, which name tasks that exist only in a clone. */
async function readVariables(root: URL): Promise<string> {
  const text = await Deno.readTextFile(new URL(".env.example", root));
  return VARIABLES + text.slice(text.indexOf("\n\n") + 1);
}

async function readPresent(folder: ProjectFolder, wanted: Files, before: Manifest | undefined): Promise<Files> {
  const present = new Map<string, string>();
  for (const path of new Set([...wanted.keys(), ...Object.keys(before?.files ?? {})])) {
    const text = await folder.read(path);
    if (text !== undefined) present.set(path, text);
  }
  return present;
}

function refuseConflicts({ conflicts }: Plan): void {
  if (conflicts.length === 0) return;
  throw new CommandError(
    `Cannot add: these files of the project have the paths of the bundle's files. Nothing is changed.\n${
      conflicts.map((path) => `  ${describePath(path)}`).join("\n")
    }\nRename your files, delete edited lines of the bundle, or leave a function out with --without; see ${DOCS_PAGE}`,
  );
}

/** Writes the manifest last: after a crash, the next run recognizes the files that were already written. */
async function carryOut(folder: ProjectFolder, { writes, deletes }: Plan, manifest: Manifest): Promise<void> {
  for (const [path, text] of writes) await folder.write(path, text);
  for (const path of deletes) await folder.remove(path);
  await folder.write(MANIFEST, formatManifest(manifest));
}

function describe({ writes, deletes, restored }: Plan, { name }: ProjectFolder, before: Manifest | undefined): string {
  if (writes.size + deletes.length === 0) return `There is nothing new for ${name}.`;
  const done = before ? `Updated ${name}, from version ${before.version}` : `Added the bundle to ${name}`;
  return [
    `${done}: ${writes.size} written, ${deletes.length} deleted.`,
    ...listFiles([...writes.keys(), MANIFEST].filter((path) => !restored.includes(path))),
    ...listFiles(restored).map((line) => `${line} (restored)`),
    ...listFiles(deletes).map((line) => `${line} (deleted)`),
  ].join("\n");
}
