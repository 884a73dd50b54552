/**
 * The real Supabase CLI, from npm. No Docker, no account: only commands that need neither.
 *
 * @module
 */

/** The version whose behaviour the tests pin. */
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
  env?: Record<string, string>;
}

/** No telemetry, and no look for a newer version. */
const QUIET = { DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1", SUPABASE_NO_UPDATE_NOTIFIER: "1" };

/** Runs a command of the CLI in a project, with a home of its own. */
export async function runSupabase({ folder, env }: CliSurroundings, args: readonly string[]): Promise<CliResult> {
  const home = await Deno.makeTempDir({ prefix: "supabase-cli-" });
  try {
    const { code, stdout, stderr } = await new Deno.Command("npx", {
      args: ["-y", `supabase@${CLI_VERSION}`, ...args],
      cwd: folder,
      // npm's cache stays where it is, so that the CLI is fetched once.
      env: { ...QUIET, SUPABASE_HOME: home, XDG_CONFIG_HOME: home, ...env },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
