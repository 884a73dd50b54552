/**
 * `types`: generates TypeScript types of the project's database.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { commandLine } from "../../project/command_line.ts";
import { openMigrated } from "../../project/database/database.ts";
import { formatTypes, generateTypes } from "../../project/database/generated_types.ts";
import { serveWire } from "../../project/database/wire.ts";
import { CommandError, reasonOf } from "../../project/errors.ts";
import { projectOption } from "../project_option.ts";
import type { CommandContext } from "../command_context.ts";

interface Options {
  project?: string;
  schema: string[];
}

const AFTER = `
It applies the project's migrations to an embedded database, and the Supabase CLI generates the types from that. You need
neither Docker nor an account.`;

/**
 * Adds `types` to the program.
 *
 * @param program The program.
 * @param context Everything outside of the command.
 */
export function addTypes(program: Command, context: CommandContext): void {
  program.command("types")
    .description("Generate TypeScript types from the project's migrations, and print them or write them to a file.")
    .argument("[file]", "the file to write, such as src/database.types.ts")
    .option("--schema <names...>", "the schemas to include", ["public"])
    .addOption(projectOption())
    .addHelpText("after", AFTER)
    .action((file: string | undefined, options: Options) => types(context, file, options));
}

async function types(
  { print, printError, workplace: { findProject, folder, may } }: CommandContext,
  file: string | undefined,
  { project, schema }: Options,
): Promise<void> {
  if (!await may("run")) {
    throw new CommandError(`Cannot generate types from here: run ${commandLine("types")}, which may start programs`);
  }
  const text = await typesOf(await findProject(project), schema);
  if (file === undefined) return print(text.trimEnd());
  await writeFile(resolve(folder, file), text);
  printError(`Wrote ${file}.`);
}

/** Writes a file, and creates its folder if there is none. */
async function writeFile(path: string, text: string): Promise<void> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text);
  } catch (error) {
    throw new CommandError(`Cannot write ${path}: ${reasonOf(error)}`);
  }
}

async function typesOf(root: URL, schemas: readonly string[]): Promise<string> {
  const database = await openMigrated(root);
  const server = serveWire(database);
  try {
    return await formatTypes(await generateTypes(server.url, root, schemas));
  } finally {
    server.close();
    await database.close();
  }
}
