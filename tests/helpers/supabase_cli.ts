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

/** Runs a command of the CLI in the project, with a home of its own. */
export async function supabase(...args: string[]): Promise<CliResult> {
  const home = await Deno.makeTempDir({ prefix: "supabase-cli-" });
  try {
    const { code, stdout, stderr } = await new Deno.Command("npx", {
      args: ["-y", `supabase@${CLI_VERSION}`, ...args],
      cwd: new URL("../../", import.meta.url),
      // npm's cache stays where it is, so that the CLI is fetched once.
      env: { SUPABASE_HOME: home, XDG_CONFIG_HOME: home, DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1" },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
