/**
 * `deno task test:serve`: runs tests/serve with `supabase functions serve` itself, which needs Docker. Without Docker
 * it prints a note; `deno task test` runs the same tests on the local stack.
 *
 * @module
 */
import { configArguments } from "../../project/jsr/config.ts";
import { CLI_VERSION } from "../../project/supabase_cli.ts";
import { createProjectToServe, type ProjectToServe } from "./project.ts";

/** The containers that no test needs. */
const UNUSED =
  "gotrue,realtime,storage-api,imgproxy,mailpit,postgres-meta,studio,edge-runtime,logflare,vector,supavisor";
/** The limit for pulling images and starting the functions. */
const START_TIMEOUT_MS = 180_000;

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

function command(folder: string, args: string[], streams: Partial<Deno.CommandOptions> = {}): Deno.Command {
  return new Deno.Command("npx", { args: ["-y", `supabase@${CLI_VERSION}`, ...args], cwd: folder, ...streams });
}

async function run(folder: string, args: string[]): Promise<void> {
  const { success } = await command(folder, args, { stdin: "null" }).spawn().status;
  if (!success) throw new Error(`Cannot run the tests: supabase ${args.join(" ")} failed`);
}

async function dockerAnswers(): Promise<boolean> {
  try {
    return (await new Deno.Command("docker", { args: ["info"], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Reads the URL and the keys of the CLI's stack, under their old or new names. */
async function readStatus(folder: string): Promise<{ url: string; publishableKey: string; secretKey: string }> {
  const { stdout } = await command(folder, ["status", "-o", "json"], { stdin: "null", stderr: "inherit" }).output();
  const status = JSON.parse(new TextDecoder().decode(stdout));
  return {
    url: status.API_URL,
    publishableKey: status.PUBLISHABLE_KEY ?? status.ANON_KEY,
    secretKey: status.SECRET_KEY ?? status.SERVICE_ROLE_KEY,
  };
}

async function waitForFunctions(url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`${url}/functions/v1/openapi`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`Cannot run the tests: supabase functions serve does not answer within ${START_TIMEOUT_MS / 1000} s`);
}

/** Runs the tests, and returns their exit code. */
async function test(project: ProjectToServe): Promise<number> {
  try {
    await run(project.folder, ["start", "--exclude", UNUSED]);
    return await testServed(project);
  } finally {
    await run(project.folder, ["stop", "--no-backup"]);
  }
}

async function testServed({ folder, envFile, issuer, instance }: ProjectToServe): Promise<number> {
  const serving = command(folder, ["functions", "serve", "--env-file", envFile], { stdin: "null" }).spawn();
  try {
    const status = await readStatus(folder);
    await waitForFunctions(status.url);
    const served = JSON.stringify({ ...status, issuer, instance });
    const allowed = ["--no-prompt", "--allow-net=127.0.0.1,localhost", "--allow-env", "--allow-read=."];
    const args = ["test", ...await configArguments(), ...allowed, "--no-check", "tests/serve"];
    return (await new Deno.Command(Deno.execPath(), { args, env: { TEST_SERVED: served } }).spawn().status).code;
  } finally {
    serving.kill("SIGINT");
    await serving.status;
  }
}

if (!await dockerAnswers()) {
  print("Docker does not answer: the tests with supabase functions serve are skipped.");
  Deno.exit(0);
}
const project = await createProjectToServe();
try {
  Deno.exitCode = await test(project);
} finally {
  await Deno.remove(project.folder, { recursive: true });
}
