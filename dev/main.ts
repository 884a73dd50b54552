/**
 * `dev`: runs the local stack until Ctrl-C.
 *
 * @module
 */
import { readTokenConfig, readWebhookSecrets } from "../supabase/functions/_clerk-supabase/config.ts";
import { ApiError } from "../supabase/functions/_clerk-supabase/errors.ts";
import { describeApps, findApps, writeEnvLocals } from "./apps/apps.ts";
import { commandLine } from "../project/command_line.ts";
import { findProject, isRepository, makeStateFolder } from "../project/find_project.ts";
import { functionArguments } from "../project/function_config.ts";
import { configArguments, THIS_DENO } from "../project/jsr/config.ts";
import { isLoopback, readAddress } from "./address.ts";
import { readInstance } from "./clerk/instance_file.ts";
import { readSecretKey } from "./gateway/secret_key.ts";
import { HELP, portFlag, readFlags } from "./flags.ts";
import { claimFolder, FolderTakenError } from "./folder.ts";
import { readFunctionVariables } from "../project/function_variables.ts";
import { chooseClerk } from "./gateway/clerk_choice.ts";
import { PortTakenError } from "../project/listen.ts";
import { describeFailure, ProjectError } from "../project/errors.ts";
import { type ProjectConfig, readProject } from "../project/project.ts";
import { announceStack, withdrawStack } from "../project/running_stack.ts";
import { type Stack, type StackOptions, startStack } from "./stack.ts";
import { FUNCTION_FILES, PROJECT_FILES, watchFiles } from "./watch.ts";

// deno-lint-ignore no-console -- a command-line tool
const print = (text: string) => console.log(text);

/** Describes how `.env` changes the functions' Clerk; empty if it does not. */
async function describeClerk({ root }: ProjectConfig, { clerk }: Stack): Promise<string> {
  const { real, ignored, variables } = chooseClerk(await readFunctionVariables(undefined, root), clerk.variables);
  if (real) {
    const faults = [readTokenConfig, readWebhookSecrets].flatMap((read) =>
      faultOf(() => read((name) => variables[name]))
    );
    return [
      "supabase/functions/.env has a publishable key: the functions use that Clerk instance instead of the simulator.",
      ...faults,
      "",
    ].join("\n");
  }
  if (ignored.length === 0) return "";
  return `supabase/functions/.env has no CLERK_PUBLISHABLE_KEY: the simulator's values replace ${
    ignored.join(", ")
  }.\n`;
}

/** Returns the error of the first reader that rejects the variables, because functions could not start with them. */
function faultOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ApiError) return [error.message];
    throw error;
  }
}

function describe({ url, clerkUrl, keys, clerk }: Stack, milliseconds: number): string {
  const { CLERK_SECRET_KEY, CLERK_PUBLISHABLE_KEY, CLERK_WEBHOOK_SECRET } = clerk.variables;
  return `
Ready in ${(milliseconds / 1000).toFixed(1)} s.

  Demo page          ${url}/   (sign up, and watch the webhooks land)
  Project URL        ${url}
  Publishable key    ${keys.publishable}
  Secret key         ${keys.secret}
  Functions          ${url}/functions/v1/<name>   (described: ${url}/docs)
  Clerk simulator    ${clerkUrl}   (webhook messages: ${clerkUrl}/dev/messages)
  Clerk keys         ${CLERK_PUBLISHABLE_KEY}
                     ${CLERK_SECRET_KEY}
                     ${CLERK_WEBHOOK_SECRET}

Three commands to paste into another terminal. Create a user (once), get a session token, read the profile:

  curl -sS --fail-with-body ${clerkUrl}/v1/users -H 'authorization: Bearer ${CLERK_SECRET_KEY}' -H 'content-type: application/json' -d '{"email_address":["ada@example.com"],"first_name":"Ada","password":"ada-lovelace"}'; echo

  TOKEN=$(curl -sSf -X POST '${clerkUrl}/dev/token?email=ada@example.com') || echo 'No token: create the user first, again after a restart without --persist'

  curl -sS --fail-with-body ${url}/functions/v1/profile -H "authorization: Bearer $TOKEN"; echo

A token lives for a minute: the second command makes another. On the demo page, Ada signs in with that password. Ctrl-C stops everything.
`;
}

/** Printed if other machines can reach the stack. */
const REACHABLE = `Warning: every machine that reaches this address can read the database and sign in as any user.
Use --host in networks that you trust, with made-up data.
`;

async function main(): Promise<void> {
  const { project: given, apiPort, clerkPort, host, persist, renewKeys, writeEnv, help } = readFlags(Deno.args);
  if (help) return print(HELP);
  const started = performance.now();
  const project = await readProject(await findProject(given));
  requireWebhook(project);
  // The folder in which the command was typed: Deno runs a task in the repository's.
  const apps = await findApps(Deno.env.get("INIT_CWD") ?? Deno.cwd(), writeEnv);
  const folder = persist ? await persistentFolder(project) : undefined;
  if (folder) await claimFolder(folder);
  const address = readAddress(host, Deno.networkInterfaces);
  const state = await makeStateFolder(project.root);
  const stack = await startStack({
    project,
    apiPort: apiPort ?? project.apiPort,
    clerkPort,
    address,
    folder,
    instance: await readInstance(new URL("clerk-simulator.json", state), renewKeys),
    secretKey: await readSecretKey(new URL("secret-key", state), renewKeys),
    renewKeys,
    databaseUrl: Deno.env.get("DATABASE_URL"),
    ...await chooseDeno(project),
    rateLimit: true,
    hasColors: Deno.stdout.isTerminal() && !Deno.noColor,
    ownVariables: (name) => readFunctionVariables(name, project.root),
    print,
  });
  const watchers = await watch(project, stack, persist);
  const variables = await stack.variables();
  await announceStack(project.root, variables);
  const settings = await stack.appSettings();
  await writeEnvLocals(apps, settings);
  print(describe(stack, performance.now() - started));
  if (!isLoopback(address)) print(REACHABLE);
  print(await describeClerk(project, stack));
  print(describeApps(apps, settings));
  await stopSignal();
  for (const watcher of watchers) watcher.close();
  await withdrawStack(project.root, variables);
  await stack.stop();
}

/** Without this function, no user would get a row and no error would say why. */
function requireWebhook({ functions }: ProjectConfig): void {
  if (functions.has("clerk-webhook")) return;
  throw new ProjectError(
    `Cannot start: this project has no function clerk-webhook. Add the bundle first: ${commandLine("add <folder>")}`,
  );
}

async function persistentFolder({ root }: ProjectConfig): Promise<URL> {
  return isRepository(root) ? new URL(".dev/", root) : new URL("dev/", await makeStateFolder(root));
}

/** This repository has one configuration for all functions; in other projects each function may have its own. */
async function chooseDeno(project: ProjectConfig): Promise<Pick<StackOptions, "deno" | "argumentsOf">> {
  const executable = Deno.execPath();
  if (isRepository(project.root)) {
    return { deno: { executable, config: await configArguments(THIS_DENO, { room: "dev" }) } };
  }
  return { deno: { executable, config: [] }, argumentsOf: (one) => functionArguments(one, project) };
}

async function watch(project: ProjectConfig, stack: Stack, persist: boolean): Promise<Array<{ close: () => void }>> {
  const { root } = project;
  const loss = persist ? "" : " Without --persist, the restart discards all users and rows.";
  return [
    await watchFiles(root, FUNCTION_FILES, async () => {
      print("Functions changed: reloading them.");
      // A fault in a file that is being edited must not end the stack: the functions' logs name it too.
      const clerk = await describeClerk(project, stack).catch((error) => String(explain(error)));
      if (clerk !== "") print(clerk);
      stack.workers.replace();
      stack.workers.warm();
    }),
    await watchFiles(
      root,
      PROJECT_FILES,
      () => print(`${PROJECT_FILES.join(" or ")} changed: restart ${commandLine("dev")} to apply the change.${loss}`),
    ),
  ];
}

/** Resolves when this process is asked to stop, or when its parent has ended. */
function stopSignal(): Promise<void> {
  const parent = Deno.ppid;
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, () => resolve());
    setInterval(() => Deno.ppid !== parent && resolve(), 1_000);
  });
}

/** Returns one line for errors that the user can fix, and the whole error for bugs of `dev`. */
function explain(error: unknown): unknown {
  if (error instanceof PortTakenError) {
    return `${error.message}. Choose another with ${portFlag(error.port, readFlags(Deno.args))}`;
  }
  if (error instanceof FolderTakenError || error instanceof TypeError) return error.message;
  if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED") {
    return "Cannot reach DATABASE_URL: connection refused";
  }
  return describeFailure(error) ?? error;
}

try {
  await main();
  Deno.exit(0);
} catch (error) {
  // deno-lint-ignore no-console -- a command-line tool
  console.error(explain(error));
  Deno.exit(1);
}
