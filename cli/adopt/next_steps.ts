/**
 * The next steps that `add` prints.
 *
 * @module
 */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ADDED } from "../../project/adopted/contents.ts";
import { type ProjectFolder, SECRETS, SHARED_FILES } from "../../project/adopted/folder.ts";
import type { Manifest } from "../../project/adopted/manifest.ts";
import { commandLine } from "../../project/command_line.ts";
import { docsPage } from "../../project/docs_page.ts";
import type { Plan } from "./plan.ts";

/** The page about `add` and `remove`. */
export const DOCS_PAGE = docsPage("docs/add-to-a-project.md");

const DECLARED =
  `Your project has a declarative schema: name the bundle's migrations in schema_paths first, as ${DOCS_PAGE} shows. Otherwise
supabase db diff writes a migration that drops the bundle's tables and functions.`;

/** Facts about the project that decide the next steps. */
export interface Known {
  without: readonly string[];
  /** The paths of the project's own migrations. */
  own: readonly string[];
  before: Manifest | undefined;
  /** Whether it has a declarative schema. */
  hasSchemas: boolean;
  hasSecrets: boolean;
  /** The current folder. */
  from: string;
}

/**
 * Describes the next steps. Paths and commands count from the current folder, except those of the Supabase CLI.
 *
 * @param plan What was written.
 * @param folder The project.
 * @param known Facts about the project.
 * @returns Lines.
 */
export function describeNext({ writes }: Plan, folder: ProjectFolder, known: Known): string {
  const { own, before, hasSchemas, hasSecrets, from } = known;
  const isFirst = before === undefined;
  const pending = [...writes.keys()].filter((path) => path.startsWith("supabase/migrations/")).sort();
  // Without --include-all, the Supabase CLI does not push migrations older than the last applied one.
  const isBehind = pending.length > 0 && own.some((path) => path > pending[0]!);
  const option = relative(fileURLToPath(folder.root), from).startsWith("..") ? ` --project ${folder.name}` : "";
  const steps: Array<[command: string, comment: string]> = [
    [commandLine(`dev${option}`), "run it on this machine, with a simulator of Clerk"],
    [commandLine(`deploy${option}`), "deploy it to the project that supabase link has linked"],
    [commandLine(`doctor${option}`), "check the installation"],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, comment]) => `  ${command.padEnd(width)}   # ${comment}`);
  return [
    "Next:",
    lines[0]!,
    ...(isFirst ? [describeVariables(folder.name, hasSecrets)] : []),
    ...lines.slice(1),
    ...describeSupabase(known, pending.length > 0, isBehind),
    ...(isFirst && hasSchemas ? [DECLARED] : []),
    `Commit all written files. ${DOCS_PAGE} lists the steps in the dashboards of Clerk and Supabase.`,
  ].join("\n");
}

/** Existing secrets must not be overwritten, nor followed by empty variables, which would replace them. */
function describeVariables(name: string, hasSecrets: boolean): string {
  const [example, secrets] = [join(name, SHARED_FILES.example), join(name, SECRETS)];
  if (!hasSecrets) return `  cp -n ${example} ${secrets}   # then fill it in`;
  return `  ${secrets} exists: append the missing variables of the bundle from ${example}, and fill them in.`;
}

/** The commands that do the same as `deploy`, and those that delete what no longer belongs to the project. */
function describeSupabase({ without, before }: Known, hasMigrations: boolean, isBehind: boolean): string[] {
  const names = ADDED.filter((name) => !without.includes(name)).join(" ");
  const left = without.filter((name) => before?.without.includes(name) === false);
  return [
    "Or deploy with the Supabase CLI, in the project's folder:",
    ...(hasMigrations ? [`  supabase db push --remote${isBehind ? " --include-all" : ""}`] : []),
    ...(before === undefined ? ["  supabase secrets set --env-file supabase/functions/.env"] : []),
    `  supabase functions deploy --use-api ${names}`,
    ...(isBehind
      ? [
        "--include-all is needed because the project has migrations of later versions, which may already be applied.",
        `${commandLine("deploy")} pushes without it: run the push above before the first deploy.`,
      ]
      : []),
    ...(left.length > 0 ? ["Functions that are left out stay deployed until you delete them:"] : []),
    ...left.map((name) => `  supabase functions delete ${name}`),
  ];
}
