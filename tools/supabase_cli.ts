/**
 * The real Supabase CLI, from npm.
 *
 * @module
 */

/** The version that is fetched, and whose behaviour the tests pin. */
export const CLI_VERSION = "3.1.0";

/** What a command printed. */
export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Where a command runs, and with what. */
export interface CliSurroundings {
  /** The project's folder. */
  folder: string | URL;
  /** Variables on top of this process's own. */
  env?: Record<string, string>;
}

/** Runs a command of the CLI. */
export type RunSupabase = (surroundings: CliSurroundings, args: readonly string[]) => Promise<CliResult>;

/** No telemetry, and no look for a newer version. */
const QUIET = { DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1", SUPABASE_NO_UPDATE_NOTIFIER: "1" };

/** Runs a command of the CLI in a project, with a home of its own. No Docker, no account: only what needs neither. */
export async function runSupabase({ folder, env }: CliSurroundings, args: readonly string[]): Promise<CliResult> {
  const home = await Deno.makeTempDir({ prefix: "supabase-cli-" });
  try {
    return await runFromNpm({ folder, env: { ...QUIET, SUPABASE_HOME: home, XDG_CONFIG_HOME: home, ...env } }, args);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/**
 * Runs a command of the CLI as whoever is logged in.
 *
 * @param surroundings Where.
 * @param args The arguments.
 * @returns What came of it.
 */
export async function runFromNpm(surroundings: CliSurroundings, args: readonly string[]): Promise<CliResult> {
  const [command, ...before] = await (fetched ??= fetchFromNpm());
  return await runCommand(command, surroundings, [...before, ...args]);
}

let fetched: Promise<[command: string, ...before: string[]]> | undefined;

/** npm's cache stays where it is, so that the CLI is fetched once; to ask npx each time would take a second each. */
async function fetchFromNpm(): Promise<[string, ...string[]]> {
  const name = `supabase@${CLI_VERSION}`;
  if (Deno.build.os === "windows") return ["npx.cmd", "-y", name];
  const find = ["-y", `--package=${name}`, "-c", "command -v supabase"];
  const { code, stdout } = await runCommand("npx", { folder: "." }, find);
  return code === 0 ? [stdout.trim()] : ["npx", "-y", name];
}

/**
 * Runs a program, and keeps what it prints.
 *
 * @param command The program.
 * @param surroundings Where.
 * @param args The arguments.
 * @returns What came of it.
 */
export async function runCommand(
  command: string,
  { folder, env = {} }: CliSurroundings,
  args: readonly string[],
): Promise<CliResult> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd: folder, env, stdin: "null" })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
