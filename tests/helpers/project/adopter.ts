/**
 * Creates a Supabase project with its own table and function by the real `supabase init`, and adds the bundle to it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runProgram } from "../../../cli/program.ts";
import { findTarget } from "../../../cli/target.ts";
import { findProject } from "../../../project/find_project.ts";
import { type CliResult, runCommand, runSupabase } from "../../../project/supabase_cli.ts";
import { ROOT } from "../../../project/root.ts";

/** The output of one of the bundle's commands. */
export interface CommandResult {
  code: number;
  out: string;
  errors: string;
}

/** Options of a command. */
export interface ClerkOptions {
  args?: string[];
  bundle?: URL;
  /** A folder other than the project's, relative to it. */
  folder?: string;
  /** Whether the folder is named with `--project`, not as an argument. */
  asOption?: boolean;
  /** The current folder; this process's own unless given. */
  from?: string;
}

/** The adopter's project. */
export interface Adopter {
  /** Its folder. */
  root: URL;
  /** Runs a command of `deno task clerk` for this folder, from this bundle or from another version of it. */
  clerk: (command: "add" | "remove" | "doctor", options?: ClerkOptions) => Promise<CommandResult>;
  supabase: (...args: string[]) => Promise<CliResult>;
  read: (path: string) => Promise<string>;
  write: (path: string, text: string) => Promise<void>;
  /** Commits everything. */
  commit: () => Promise<void>;
  /** Restores the first commit. */
  reset: () => Promise<void>;
  /** Lists the differences from a commit, the last one by default: `M path`, `A path`, `D path`. */
  changes: (since?: string) => Promise<string[]>;
  remove: () => Promise<void>;
}

const OWN: Record<string, string> = {
  "supabase/migrations/20250101000000_create_notes.sql":
    "create table public.notes (id integer primary key, body text not null);\n" +
    "alter table public.notes enable row level security;\n" +
    "insert into public.notes values (1, 'from before');\n",
  // Sorts after the bundle's own migrations.
  "supabase/migrations/20990101000000_add_notes_done.sql":
    "alter table public.notes add column done boolean not null default false;\n",
  "supabase/functions/hello/index.ts":
    'import { GREETING } from "../_shared/greeting.ts";\nDeno.serve(() => new Response(GREETING));\n',
  "supabase/functions/hello/deno.json": '{ "imports": {} }\n',
  "supabase/functions/_shared/greeting.ts": 'export const GREETING = "Hello from the adopter";\n',
  "import_map.json": '{ "imports": { "@/": "./src/" } }\n',
};

const CONFIG = "\n# Ours: it asks nobody.\n[functions.hello]\nverify_jwt = false   # on purpose\n";

/** Creates a project and commits it. */
export async function makeAdopter(): Promise<Adopter> {
  const root = pathToFileURL(`${await Deno.realPath(await Deno.makeTempDir({ prefix: "adopter-" }))}/`);
  const git = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand("git", { folder: root }, args);
    assertEquals(code, 0, stderr);
    return stdout;
  };
  const write = async (path: string, text: string) => {
    const file = join(fileURLToPath(root), path);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text);
  };
  const commit = async () => {
    await git("add", "--all");
    await git(
      "-c",
      "user.name=Ada",
      "-c",
      "user.email=ada@example.com",
      "-c",
      "commit.gpgsign=false",
      "commit",
      "--quiet",
      "-m",
      "Work",
    );
  };
  const read = (path: string) => Deno.readTextFile(new URL(path, root));
  const supabase = (...args: string[]) => runSupabase({ folder: root }, args);
  await git("init", "--quiet");
  const init = await supabase("init", "--yes");
  assertEquals(init.code, 0, init.stderr);
  for (const [path, text] of Object.entries(OWN)) await write(path, text);
  await write("supabase/config.toml", await read("supabase/config.toml") + CONFIG);
  await commit();
  await git("tag", "start");
  return {
    ...{ root, read, write, commit, supabase },
    clerk: (command, { args = [], bundle = ROOT, folder = "", asOption = command === "doctor", from } = {}) => {
      const named = fileURLToPath(root) + folder;
      return runClerk(bundle, [command, ...asOption ? ["--project", named] : [named], ...args], from);
    },
    reset: async () => {
      await git("reset", "--hard", "--quiet", "start");
      await git("clean", "-dffxq");
    },
    changes: async (since = "HEAD") => {
      await git("add", "--all");
      const lines = (await git("diff", "--cached", "--no-renames", "--name-status", since)).trim();
      return lines === "" ? [] : lines.split("\n").map((line) => line.replace("\t", " "));
    },
    remove: () => Deno.remove(root, { recursive: true }),
  };
}

async function runClerk(bundle: URL, args: string[], from = Deno.cwd()): Promise<CommandResult> {
  const [out, errors]: [string[], string[]] = [[], []];
  const none = () => Promise.reject(new Error("This command sends no requests"));
  const code = await runProgram({
    // Otherwise the local stack would run.
    findTarget: (options) =>
      findTarget((name) => name === "SUPABASE_URL" ? "https://abc.supabase.co" : undefined, options),
    ...{ fetch: none, sleep: none, setExitCode: () => {}, terminal: false, now: Date.now },
    print: (line) => out.push(line),
    printError: (line) => errors.push(line),
    stop: new AbortController().signal,
    workplace: {
      root: bundle,
      folder: from,
      findProject,
      shell: () => undefined,
      supabase: none,
      packageArguments: none,
      standInLinks: none,
      may: (right) => Promise.resolve(right === "write"),
    },
  }, args);
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}
