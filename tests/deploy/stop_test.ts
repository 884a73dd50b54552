/** `deno task deploy` as a process that is stopped while it sets the secrets, with a stand-in for the Supabase CLI. */
import { assertEquals } from "@std/assert";
import { checkOut } from "../../project/checkout.ts";
import { SECRETS, writeSecrets } from "../helpers/project/deploy.ts";
import { eventually } from "../../project/eventually.ts";

/** A stand-in for the CLI that never finishes setting the secrets. */
const CLI = `#!/bin/sh
case "$*" in
  --version) echo 3.1.0 ;;
  *" list "*) echo "[]" ;;
  "secrets set "*)
    case "$WHILE_IT_SETS" in
      "is stubborn") trap "" INT TERM HUP ;;
      "ends by SIG"*) kill -"\${WHILE_IT_SETS#ends by SIG}" $$ ;;
      "ends with "*) exit "\${WHILE_IT_SETS#ends with }" ;;
    esac
    touch "$MARK"
    exec sleep 3600 ;;
esac
`;

const STOPPED = { code: 130, last: "Stopped. The next run continues from here." };

const folder = await checkOut();
await Deno.mkdir(`${folder}/supabase/.temp`, { recursive: true });
await Deno.writeTextFile(`${folder}/supabase/.temp/project-ref`, "abcdefghijklmnopqrst");
await writeSecrets(folder, SECRETS);
await Deno.mkdir(`${folder}/programs`);
await Deno.writeTextFile(`${folder}/programs/supabase`, CLI, { mode: 0o755 });

/** A running deployment in its own process group. */
interface Running {
  /** Waits until the secrets are being set; returns the number of files with secrets. */
  setting: () => Promise<number>;
  /** Sends a signal to the whole group, as a terminal does. */
  signal: (name: string) => Promise<unknown>;
  ended: Promise<unknown>;
  /** The exit code, the last line, and the files that are left. */
  result: () => Promise<{ files: number; code: number; last: string | undefined }>;
}

async function whileDeploying<T>(whatTheCliDoes: string, run: (running: Running) => Promise<T>): Promise<T> {
  const temporary = await Deno.makeTempDir();
  const mark = `${temporary}/mark`;
  const PATH = `${folder}/programs:${Deno.env.get("PATH")}`;
  const child = new Deno.Command("setsid", {
    args: [Deno.execPath(), "task", "deploy", "--sources"],
    cwd: folder,
    env: { PATH, MARK: mark, TMPDIR: temporary, NO_COLOR: "1", WHILE_IT_SETS: whatTheCliDoes },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const signal = (name: string) => new Deno.Command("kill", { args: [`-${name}`, "--", `-${child.pid}`] }).output();
  try {
    return await run({
      signal,
      ended: child.status,
      setting: async () => {
        await Promise.race([eventually(() => Deno.stat(mark)), child.status]);
        return await countSecretsFiles(temporary);
      },
      result: async () => {
        const { code } = await child.status;
        const files = await countSecretsFiles(temporary);
        // A CLI that ignored the signals keeps stderr open.
        await signal("KILL");
        return { files, code, last: (await errors).trim().split("\n").at(-1) };
      },
    });
  } finally {
    await signal("KILL");
    await child.status;
    await Deno.remove(temporary, { recursive: true });
  }
}

async function countSecretsFiles(path: string): Promise<number> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.filter(({ name }) => name.startsWith("secrets-")).length;
}

for (const signal of ["INT", "TERM", "HUP"]) {
  Deno.test(`a deployment that SIG${signal} stops reports it, and leaves no file with secrets`, () =>
    whileDeploying("waits", async (running) => {
      assertEquals(await running.setting(), 1);
      await running.signal(signal);
      assertEquals(await running.result(), { files: 0, ...STOPPED });
    }));
}

// The same signal has ended the CLI, but has not reached this process yet.
for (const end of ["ends by SIGINT", "ends by SIGTERM", "ends by SIGHUP", "ends with 130"]) {
  Deno.test(`a deployment whose Supabase CLI ${end} is stopped`, () =>
    whileDeploying(end, async ({ result }) => assertEquals(await result(), { files: 0, ...STOPPED })));
}

Deno.test("a deployment fails if the Supabase CLI ends with 1", () =>
  whileDeploying("ends with 1", async ({ result }) => {
    const { files, code, last } = await result();
    assertEquals([files, code, last?.startsWith("Cannot set the secrets; ")], [0, 1, true]);
  }));

Deno.test("a deployment that is stopped twice ends at once, and leaves no file with secrets", () =>
  whileDeploying("is stubborn", async (running) => {
    assertEquals(await running.setting(), 1);
    const ended = running.ended.then(() => true as const);
    // Signals within a second count as one Ctrl-C. A busy machine may notice the first late and need a third.
    let hasEnded = false;
    while (!hasEnded) {
      await running.signal("TERM");
      hasEnded = await endsWithin(1_500, ended);
    }
    const { files, code } = await running.result();
    assertEquals([files, code], [0, 130]);
  }));

/** Returns true as soon as it has ended, and false after the pause between two signals. */
async function endsWithin(pauseMs: number, ended: Promise<true>): Promise<boolean> {
  const { promise: paused, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), pauseMs);
  return await Promise.race([ended, paused]).finally(() => clearTimeout(timer));
}

Deno.test("the tests of stopped deployments leave no files", () => Deno.remove(folder, { recursive: true }));
