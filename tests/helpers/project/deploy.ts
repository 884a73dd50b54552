/**
 * Runs `deno task deploy` from a copy of the project, with the real Supabase CLI, against the recorded management API.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { runProgram } from "../../../cli/program.ts";
import type { Workplace } from "../../../cli/command_context.ts";
import { listen } from "../../../project/listen.ts";
import { ROOT } from "../../../project/root.ts";
import { readIfThere } from "../../../project/read_if_there.ts";
import { isLoopback } from "../../../supabase/functions/_clerk-supabase/config.ts";
import { type ManagementApi, PROJECT_REF, startManagementApi } from "../../../tools/deploy/management_api.ts";
import { configArguments } from "../../../project/jsr/config.ts";
import { type CliResult, runSupabase } from "../../../project/supabase_cli.ts";
import { checkOut } from "../../../project/checkout.ts";

/** The output of a deployment, and the commands that it ran. */
export interface Deployed {
  code: number;
  out: string;
  errors: string;
  /** The arguments of each call of the CLI. */
  commands: string[][];
}

/** Options of a deployment. */
export interface DeployOptions {
  args?: string[];
  /** Variables of the shell and of the CLI; undefined unsets one. */
  env?: Record<string, string | undefined>;
  /** Aborts like Ctrl-C. */
  stop?: AbortSignal;
  /**
   * Whether read-only commands, and a push of migrations that are already pushed, replay the real CLI's earlier answers
   * for the same files, variables and project. For tests of later steps, because each call of the CLI takes a second of
   * CPU time.
   */
  remembers?: boolean;
  /** Whether the bundles may contain stand-ins if JSR does not answer; true by default. */
  standIns?: boolean;
  /** The arguments that let Deno find the packages; by default those that work on this machine. */
  packageArguments?: () => Promise<readonly string[]>;
}

/** A copy of the project, and its deployment targets. */
export interface Workbench {
  /** The copy, which a test can change. */
  folder: string;
  api: ManagementApi;
  /** Variables that direct the CLI of a separate process to the management API. */
  env: Record<string, string>;
  /** The deployed `health`. */
  health: { url: string; answer: () => Response; asked: Array<string | null> };
  /** Sets the management API to refuse a method on paths with this ending. */
  refuse: (method: string, ending: string, status: number) => void;
  deploy: (options?: DeployOptions) => Promise<Deployed>;
  /** Requests that change state. */
  writes: () => string[];
  close: () => Promise<void>;
}

/** Variables as people set them, for an instance that does not exist. */
export const SECRETS: Record<string, string> = {
  CLERK_PUBLISHABLE_KEY: `pk_test_${btoa("example.clerk.accounts.dev$")}`,
  CLERK_SECRET_KEY: "sk_test_9f8e7d6c5b4a39281706f5e4d3c2b1a0",
  CLERK_WEBHOOK_SECRET: `whsec_${btoa("a secret of twenty-four b")}`,
};

/** The files that a deployment reads. */
const DEPLOYED_FILES = ["supabase", "import_map.json", "deno.lock"];

/**
 * Creates a workbench with a linked project, and secrets in `supabase/functions/.env`.
 *
 * @param whole Whether the copy contains all files of the project, as a separate process needs.
 * @returns The workbench.
 */
export async function openWorkbench(whole = false): Promise<Workbench> {
  const folder = await checkOut(whole ? undefined : DEPLOYED_FILES);
  const profile = await Deno.makeTempFile({ prefix: "profile-", suffix: ".yaml" });
  const api = startManagementApi();
  const gate = openGate(api.url);
  const health = openHealth();
  await Deno.writeTextFile(profile, api.profile.replaceAll(api.url, gate.url));
  await Deno.mkdir(`${folder}/supabase/.temp`, { recursive: true });
  await Deno.writeTextFile(`${folder}/supabase/.temp/project-ref`, PROJECT_REF);
  await writeSecrets(folder, SECRETS);
  const env = { SUPABASE_PROFILE: profile, SUPABASE_ACCESS_TOKEN: api.accessToken };
  return {
    ...{ folder, api, health, env },
    refuse: gate.refuse,
    deploy: ({ args = [], env: shell = {}, stop = new AbortController().signal, remembers = false, ...given } = {}) =>
      deploy(["deploy", "--url", health.url, ...(given.standIns ?? true ? ["--stand-ins"] : []), ...args], stop, {
        packageArguments: given.packageArguments ?? (() => configArguments()),
        standInLinks: () => Promise.resolve({}),
        root: ROOT,
        folder,
        findProject: () => Promise.resolve(new URL(`file://${folder}/`)),
        shell: (name) => ({ ...env, ...shell } as typeof shell)[name],
        may: () => Promise.resolve(true),
        supabase: async (place, args) => {
          const set = Object.entries({ ...env, ...shell, ...place.env }).filter(([, value]) => value !== undefined);
          const variables = Object.fromEntries(set) as Record<string, string>;
          const run = () => runSupabase({ folder: place.folder, env: variables }, args);
          if (!remembers || !isRepeatable(args)) return await run();
          const own = {
            SUPABASE_PROFILE: "",
            SUPABASE_ACCESS_TOKEN: variables.SUPABASE_ACCESS_TOKEN === api.accessToken,
          };
          return await rememberAnswer([
            ...[args.map((arg) => arg.replace(folder, "")), String(place.folder).split(folder).at(-1), {
              ...variables,
              ...own,
            }],
            ...[[...api.secrets()], gate.refusals.filter(isForAsking), await readInputs(folder, args)],
          ], run);
        },
      }),
    writes: () => api.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`),
    close: async () => {
      await Promise.all([api.close(), gate.close(), health.close()]);
      for (const one of [folder, profile]) await Deno.remove(one, { recursive: true });
    },
  };
}

/** Returns whether a request is read-only. */
const isForAsking = ({ method }: { method: string }) => method === "GET";

/** Commands that change nothing when they run again. */
function isRepeatable([command, verb]: readonly string[]): boolean {
  return verb === "list" || (command === "db" && verb === "push");
}

/** The real CLI's answers in this process, by all their inputs. */
const answers = new Map<string, CliResult>();

async function rememberAnswer(situation: unknown, run: () => Promise<CliResult>): Promise<CliResult> {
  const key = JSON.stringify(situation);
  const answer = answers.get(key) ?? await run();
  if (answer.code === 0) answers.set(key, answer);
  return answer;
}

/** Returns the project's files that can change the CLI's answer to a command: migrations matter only for a push. */
async function readInputs(folder: string, [command]: readonly string[]): Promise<unknown> {
  const paths = [".env", "supabase/config.toml", "supabase/.temp/project-ref"];
  if (command === "db") {
    const migrations = await Array.fromAsync(Deno.readDir(`${folder}/supabase/migrations`));
    paths.push(...migrations.map(({ name }) => `supabase/migrations/${name}`).sort());
  }
  return await Array.fromAsync(
    paths,
    async (path) => [path, await readIfThere(new URL(`file://${folder}/${encodeURI(path)}`))],
  );
}

/** Writes `supabase/functions/.env`, as people do. */
export async function writeSecrets(folder: string, secrets: Record<string, string>): Promise<void> {
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=\`${value}\`\n`);
  await Deno.writeTextFile(`${folder}/supabase/functions/.env`, lines.join(""));
}

async function deploy(args: string[], stop: AbortSignal, workplace: Workplace): Promise<Deployed> {
  const [out, errors, commands]: [string[], string[], string[][]] = [[], [], []];
  const code = await runProgram({
    findTarget: () => Promise.reject(new Error("deploy determines its own target")),
    fetch: fetchHere,
    print: (line) => out.push(line),
    printError: (line) => errors.push(line),
    setExitCode: () => {},
    terminal: false,
    stop,
    now: Date.now,
    sleep: () => Promise.resolve(),
    workplace: {
      ...workplace,
      supabase: async (place, command) => {
        commands.push([...command]);
        await assertPrivate(command);
        return await workplace.supabase(place, command);
      },
    },
  }, args);
  return { code, out: out.join("\n"), errors: errors.join("\n"), commands };
}

/** Rejects requests to Clerk on the internet. */
function fetchHere(url: string, init?: RequestInit): Promise<Response> {
  return isLoopback(new URL(url).hostname) ? fetch(url, init) : Promise.reject(new TypeError("dns error"));
}

/** Fails unless only its owner can access a file of secrets. */
async function assertPrivate(command: readonly string[]): Promise<void> {
  const file = command[command.indexOf("--env-file") + 1];
  if (command.includes("--env-file")) assertEquals((await Deno.stat(file!)).mode! & 0o777, 0o600);
}

/** Runs a proxy of the management API that refuses the requests that a test chooses. */
function openGate(api: string) {
  const { url, serve, close } = listen(0);
  const refusals: Array<{ method: string; ending: string; status: number }> = [];
  serve(async (request) => {
    const { pathname, search } = new URL(request.url);
    const status = refusals.find(({ method, ending }) => request.method === method && pathname.endsWith(ending))
      ?.status;
    // It repeats the request, so the CLI prints it.
    if (status !== undefined) {
      const message = `Refused: ${request.headers.get("authorization")} ${await request.text()}`;
      return Response.json({ message }, { status });
    }
    const { method, headers } = request;
    const body = ["GET", "HEAD"].includes(method) ? null : await request.arrayBuffer();
    return await fetch(`${api}${pathname}${search}`, { method, headers, body });
  });
  return {
    url,
    close,
    refusals,
    refuse: (method: string, ending: string, status: number) => void refusals.push({ method, ending, status }),
  };
}

function openHealth() {
  const { url, serve, close } = listen(0);
  const health = {
    ...{ url, close },
    answer: () => Response.json({ status: "ok", parts: {} }),
    asked: [] as Array<string | null>,
  };
  serve((request) => {
    health.asked.push(request.headers.get("apikey"));
    return Promise.resolve(health.answer());
  });
  return health;
}
