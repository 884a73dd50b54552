/**
 * `remove`: removes the bundle from a project. `public.users` stays, with its rows.
 *
 * @module
 */
import type { Command } from "commander";
import { readMigrations } from "../../project/migrations.ts";
import { commandLine } from "../../project/command_line.ts";
import { CommandError, UsageError } from "../../project/errors.ts";
import type { CommandContext } from "../command_context.ts";
import { ADDED } from "../../project/adopted/contents.ts";
import { blockOf, isBlock, type ProjectFolder, SECRETS, SHARED_FILES } from "../../project/adopted/folder.ts";
import { type Caller, describeCallers, findCallers } from "./callers.ts";
import { findImporters } from "./importers.ts";
import { MANIFEST, type Manifest, parseManifest } from "../../project/adopted/manifest.ts";
import { makePlan } from "./plan.ts";
import { openProject, withProject } from "./project_argument.ts";
import { describeKept, listFiles } from "./report.ts";
import { readSchemaFiles, type SchemaFile } from "./schema_files.ts";

/** The name of the migration that drops the bundle's database objects. */
export const REMOVAL = "remove_clerk_supabase";

/** Without these lines, the next commit might contain the secrets. */
const IGNORED = blockOf(SHARED_FILES.ignored);

const AFTER = `
The bundle's migrations stay, because they are the history of the database. A new migration drops the bundle's objects,
except public.users with its rows, its policy and references to it. It fails, and changes nothing, while a policy, a
default, a view or a function of your project calls a function of the bundle: the command lists the SQL files that do.`;

/**
 * Adds `remove` to the program.
 *
 * @param program The program.
 * @param context Everything outside of the command.
 */
export function addRemove(program: Command, context: CommandContext): void {
  withProject(program.command("remove"))
    .description("Remove the bundle's files from a project, and write a migration that drops its database objects.")
    .addHelpText("after", AFTER)
    .action((folder: string | undefined, options: Options) => remove(context, folder, options));
}

interface Options {
  project?: string;
}

async function remove(
  { print, printError, now, workplace }: CommandContext,
  argument: string | undefined,
  { project }: Options,
): Promise<void> {
  if (!await workplace.may("write")) {
    throw new CommandError(`Cannot remove from here: run ${commandLine("remove")}, which may write files`);
  }
  const folder = await openProject(workplace, argument, project);
  const manifest = parseManifest(await folder.read(MANIFEST));
  if (!manifest) {
    throw new UsageError(
      `Cannot remove: the bundle is not in ${folder.name}, or was removed already: it has no ${MANIFEST}`,
    );
  }
  const hasSecrets = await folder.has(SECRETS);
  const { deletes, kept } = await planRemoval(folder, manifest, hasSecrets);
  await refuseImporters(folder, deletes, manifest);
  const sql = await Deno.readTextFile(new URL("remove.sql", import.meta.url));
  const callers = findCallers(await readOwnSql(folder, manifest), sql);
  const migration = await writeMigration(folder, sql, now());
  if (hasSecrets) await folder.keep(IGNORED);
  for (const path of deletes) await folder.remove(path);
  // Removed last: after a crash, the next run continues.
  await folder.remove(MANIFEST);
  print([`Removed from ${folder.name}: ${deletes.length} deleted.`, ...listFiles(deletes)].join("\n"));
  for (const line of describeKept(kept)) printError(line);
  if (hasSecrets) {
    printError(`${SECRETS} is yours and is kept, with the line in .gitignore that keeps it out of git.`);
  }
  print(describeNext(migration, manifest, callers));
}

/** Blocks in the adopter's files are always removed, even if they were edited, as their first line says. */
async function planRemoval(folder: ProjectFolder, { files }: Manifest, hasSecrets: boolean) {
  const present = new Map<string, string>();
  for (const path of Object.keys(files)) {
    const text = await folder.read(path);
    if (text !== undefined) present.set(path, text);
  }
  const { deletes, kept } = await makePlan(new Map(), present, files);
  const [blocks, edited] = [kept.filter(({ path }) => isBlock(path)), kept.filter(({ path }) => !isBlock(path))];
  return {
    deletes: [...deletes, ...blocks.map(({ path }) => path)].filter((path) => path !== IGNORED || !hasSecrets),
    kept: edited.map(({ path }) => ({ path, outdated: false })),
  };
}

async function refuseImporters(
  { root }: ProjectFolder,
  deletes: readonly string[],
  { files }: Manifest,
): Promise<void> {
  const importers = await findImporters(root, new Set(deletes), (path) => !(path in files));
  if (importers.length === 0) return;
  throw new CommandError(
    `Cannot remove: these files import files that would be deleted. Nothing is changed.\n${
      importers.map((path) => `  ${path}`).join("\n")
    }`,
  );
}

/** Reads the project's own migrations and schema files. */
async function readOwnSql({ root }: ProjectFolder, { files }: Manifest): Promise<SchemaFile[]> {
  const migrations = (await readMigrations(root)).filter(({ name }) => name !== REMOVAL)
    .map(({ version, name, sql }) => ({ path: `supabase/migrations/${version}_${name}.sql`, sql }))
    .filter(({ path }) => !(path in files));
  return [...migrations, ...await readSchemaFiles(root)];
}

/** Writes the migration with the latest version, because the Supabase CLI refuses one older than the last applied. */
async function writeMigration(folder: ProjectFolder, sql: string, now: number): Promise<string> {
  const migrations = await readMigrations(folder.root);
  const pathOf = (version: string) => `supabase/migrations/${version}_${REMOVAL}.sql`;
  // An interrupted run may have written it.
  const there = migrations.find(({ name }) => name === REMOVAL);
  if (there) return pathOf(there.version);
  const today = new Date(now).toISOString().replaceAll(/\D/g, "").slice(0, 14);
  const last = migrations.at(-1)?.version ?? "";
  const path = pathOf(last < today ? today : String(BigInt(last) + 1n));
  await folder.write(path, sql);
  return path;
}

function describeNext(migration: string, { without }: Manifest, callers: readonly Caller[]): string {
  const names = ADDED.filter((name) => !without.includes(name));
  return [
    "Next:",
    ...describeCallers(callers, migration),
    "  In Clerk's dashboard, delete the webhook's endpoint.",
    "  In the SQL editor, if you created the schedule: select cron.unschedule('clerk-reconcile');",
    ...names.map((name) => `  supabase functions delete ${name}`),
    "  supabase db push --remote",
    `The last command applies ${migration}. Review it first: it drops the ledger and the tombstones.`,
    "The bundle's other migrations stay, because the Supabase CLI needs the file of every applied one. If none of them was",
    "ever pushed, delete them and this one instead. If only some were pushed, push with --include-all.",
    "Delete the secrets whose names begin with CLERK_: supabase secrets unset <NAME>. Commit all changes.",
  ].join("\n");
}
