/** `deno task deploy` as a process that is stopped while it sets the secrets, with a Supabase CLI that takes its time. */
import { assertEquals } from "@std/assert";
import { checkOut } from "../helpers/checkout.ts";
import { SECRETS, writeSecrets } from "../helpers/deploy.ts";

/** Ends by a signal, as the real one does, unless it is stubborn. */
const CLI = `#!/bin/sh
case "$*" in
  --version) echo 3.1.0 ;;
  *" list "*) echo "[]" ;;
  "secrets set "*) [ -z "$STUBBORN" ] || trap "" INT TERM HUP; touch "$MARK"; exec sleep 10 ;;
esac
`;

const folder = await checkOut();
await Deno.mkdir(`${folder}/supabase/.temp`, { recursive: true });
await Deno.writeTextFile(`${folder}/supabase/.temp/project-ref`, "abcdefghijklmnopqrst");
await writeSecrets(folder, SECRETS);
await Deno.mkdir(`${folder}/bin`);
await Deno.writeTextFile(`${folder}/bin/supabase`, CLI, { mode: 0o755 });

/** Signals the whole group, as a terminal does, once the secrets are being set; returns what is left of it. */
async function stop(signal: string, { times = 1, stubborn = false } = {}) {
  const [temporary, mark] = [await Deno.makeTempDir(), await Deno.makeTempFile()];
  await Deno.remove(mark);
  const PATH = `${folder}/bin:${Deno.env.get("PATH")}`;
  const child = new Deno.Command("setsid", {
    args: [Deno.execPath(), "task", "deploy", "--sources"],
    cwd: folder,
    env: { PATH, MARK: mark, TMPDIR: temporary, NO_COLOR: "1", ...(stubborn && { STUBBORN: "1" }) },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  await until(() => Deno.stat(mark));
  const before = await namesIn(temporary);
  for (let time = 0; time < times; time++) {
    if (time > 0) await wait(1_500);
    await new Deno.Command("kill", { args: [`-${signal}`, "--", `-${child.pid}`] }).output();
  }
  const { code } = await child.status;
  const after = await namesIn(temporary);
  await new Deno.Command("kill", { args: ["-KILL", "--", `-${child.pid}`] }).output();
  const last = (await errors).trim().split("\n").at(-1);
  for (const path of [temporary, mark]) await Deno.remove(path, { recursive: true });
  return { before: before.length, after, code, last };
}

async function namesIn(path: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.map(({ name }) => name).filter((name) => name.startsWith("secrets-"));
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(there: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await there().then(() => true, () => false)) return;
    await wait(50);
  }
  throw new Error("The secrets were never set");
}

for (const signal of ["INT", "TERM", "HUP"]) {
  Deno.test(`a deployment that SIG${signal} stops says so, and leaves no file of secrets`, async () => {
    assertEquals(await stop(signal), {
      before: 1,
      after: [],
      code: 130,
      last: "Stopped. The next run goes on from there.",
    });
  });
}

Deno.test("a deployment that is stopped twice ends at once, and leaves no file of secrets", async () => {
  const { before, after, code } = await stop("TERM", { times: 2, stubborn: true });
  assertEquals([before, after, code], [1, [], 130]);
});

Deno.test("a deployment that is stopped leaves nothing of the tests", () => Deno.remove(folder, { recursive: true }));
