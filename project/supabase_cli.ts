/**
 * The real Supabase CLI, from npm.
 *
 * @module
 */

/** The version that is fetched. The tests pin its behaviour. */
export const CLI_VERSION = "3.1.0";

/** The exit code and the output of a command. */
export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Where a command runs, and its variables. */
export interface CliPlace {
  /** The project's folder. */
  folder: string | URL;
  /** Variables on top of this process's own. */
  env?: Record<string, string>;
}

/** Runs a command of the CLI. */
export type RunSupabase = (place: CliPlace, args: readonly string[]) => Promise<CliResult>;

/** No telemetry, and no search for a newer version. */
const QUIET = { DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1", SUPABASE_NO_UPDATE_NOTIFIER: "1" };

/**
 * The CLI is a large script in Bun's executable, and each command ends before optimized code is worth its compilation:
 * without it, a command takes 0.8 s of processor time instead of 1.6 s.
 */
export const QUICK = { BUN_JSC_useDFGJIT: "0" };

/** Runs a command of the CLI in a project, with a home of its own: only commands that need no Docker and no account. */
export async function runSupabase({ folder, env }: CliPlace, args: readonly string[]): Promise<CliResult> {
  const home = await Deno.makeTempDir({ prefix: "supabase-cli-" });
  try {
    return await runFromNpm(
      { folder, env: { ...QUIET, ...QUICK, SUPABASE_HOME: home, XDG_CONFIG_HOME: home, ...env } },
      args,
    );
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/**
 * Runs a command of the CLI as the user who is logged in.
 *
 * @param place The folder and more variables.
 * @param args The arguments.
 * @returns The exit code and the output.
 */
export async function runFromNpm(place: CliPlace, args: readonly string[]): Promise<CliResult> {
  const [command, ...before] = await (fetched ??= fetchFromNpm());
  return await runCommand(command, place, [...before, ...args]);
}

let fetched: Promise<[command: string, ...before: string[]]> | undefined;

/** Keeps npm's own cache, so that the CLI is fetched once. To ask npx for each command would take a second each time. */
async function fetchFromNpm(): Promise<[string, ...string[]]> {
  const name = `supabase@${CLI_VERSION}`;
  if (Deno.build.os === "windows") return ["npx.cmd", "-y", name];
  const find = ["-y", `--package=${name}`, "-c", "command -v supabase"];
  const { code, stdout } = await runCommand("npx", { folder: "." }, find);
  return code === 0 ? [stdout.trim()] : ["npx", "-y", name];
}

/**
 * Runs a program, and captures its output.
 *
 * @param command The program.
 * @param place The folder and more variables.
 * @param args The arguments.
 * @returns The exit code and the output.
 */
export async function runCommand(
  command: string,
  { folder, env = {} }: CliPlace,
  args: readonly string[],
): Promise<CliResult> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd: folder, env, stdin: "null" })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
