/**
 * Runs the real Supabase CLI from npm.
 *
 * @module
 */

/** The version to fetch; tests check its behaviour. */
export const CLI_VERSION = "3.1.0";

/** The exit code and the output of a command. */
export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** The folder and the variables of a command. */
export interface CliPlace {
  /** The project's folder. */
  folder: string | URL;
  /** Variables in addition to this process's own. */
  env?: Record<string, string>;
}

/** Runs a command of the CLI. */
export type RunSupabase = (place: CliPlace, args: readonly string[]) => Promise<CliResult>;

/** Switches off telemetry and the search for a newer version. */
const QUIET = { DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1", SUPABASE_NO_UPDATE_NOTIFIER: "1" };

/**
 * Switches off Bun's optimizing compiler. Each command of the CLI ends before the compilation pays off: a command takes
 * 0.8 s of processor time instead of 1.6 s.
 */
export const QUICK = { BUN_JSC_useDFGJIT: "0" };

/**
 * Runs a command of the CLI in a project, with a temporary home; for commands that need neither Docker nor an account.
 */
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
 * Runs a command of the CLI as the logged-in user.
 *
 * @param place The folder and additional variables.
 * @param args The arguments.
 * @returns The exit code and the output.
 */
export async function runFromNpm(place: CliPlace, args: readonly string[]): Promise<CliResult> {
  const [command, ...before] = await (fetched ??= fetchFromNpm());
  return await runCommand(command, place, [...before, ...args]);
}

let fetched: Promise<[command: string, ...before: string[]]> | undefined;

/** Finds the CLI in npm's cache, once per process, because npx takes a second each time. */
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
 * @param place The folder and additional variables.
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
