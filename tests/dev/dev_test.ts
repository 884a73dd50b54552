/** `deno task dev` as a newcomer runs it: in a process of its own, in a fresh copy of the project. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkOut } from "../helpers/checkout.ts";
import { type Dev, interrupt, paste, processesOf, ready, start as startIn, valueOf } from "../helpers/dev.ts";
import { eventually } from "../helpers/stack.ts";
import { testsOf } from "../helpers/shared_test.ts";

const folder = await checkOut();
const start = (...flags: string[]): Dev => startIn(folder, flags);

const test = testsOf("deno task dev ");

test("is ready, takes the three pasted commands, and leaves no process behind", async () => {
  const dev = start("--port", "0", "--clerk-port", "0");
  const output = await ready(dev);
  const answers = await paste(output);
  assertStringIncludes(answers, '"object":"user"');
  assertMatch(answers, /"clerk_user_id":"user_\w+","email":"ada@example.com"/);
  assert((await processesOf(dev)).length > 2, "the stack runs in a group of processes");
  await interrupt(dev);
  assertEquals(await processesOf(dev), []);
});

test("takes an edited function over without a restart", async () => {
  const dev = start("--port", "0", "--clerk-port", "0");
  try {
    const url = `${valueOf(await ready(dev), "Project URL")}/functions/v1/profile`;
    const title = async () => (await (await fetch(url)).json()).title;
    assertEquals(await title(), "Token missing");
    const file = `${folder}/supabase/functions/_shared/errors.ts`;
    const source = await Deno.readTextFile(file);
    await Deno.writeTextFile(
      file,
      source.replace('"Token missing"', '"Edited"') + "console.log('at the top level');\n",
    );
    await eventually(async () => assertEquals(await title(), "Edited"));
    await Deno.writeTextFile(file, "this is no TypeScript");
    await eventually(async () => assertEquals((await (await fetch(url)).json()).code, "BOOT_ERROR"));
    await Deno.writeTextFile(file, source);
    await eventually(async () => assertEquals(await title(), "Token missing"));
  } finally {
    await interrupt(dev);
  }
});

test("names a port that is in use, and the flag to choose another", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const port = String(taken.addr.port);
    for (const [flag, other] of [["--port", "--clerk-port"], ["--clerk-port", "--port"]] as const) {
      const dev = start(flag, port, other, "0");
      const { code } = await dev.status;
      assertEquals(code, 1);
      assertStringIncludes(dev.output(), `127.0.0.1:${port}`);
      assertStringIncludes(dev.output(), flag);
      assertEquals(await processesOf(dev), []);
    }
  } finally {
    taken.close();
  }
});

test("--persist keeps users, rows and keys", async () => {
  const flags = ["--port", "0", "--clerk-port", "0", "--persist"];
  const first = start(...flags);
  const output = await ready(first);
  await paste(output);
  const other = start(...flags);
  assertEquals((await other.status).code, 1);
  assertStringIncludes(other.output(), "another stack keeps its state there");
  await interrupt(first);
  const second = start(...flags);
  try {
    const again = await ready(second);
    assertEquals(valueOf(again, "Secret key"), valueOf(output, "Secret key"));
    const commands = again.split("\n").filter((line) => /^ {2}(curl -s \S+\/functions|TOKEN=)/.test(line)).join("\n");
    const { stdout } = await new Deno.Command("sh", { args: ["-c", commands] }).output();
    assertStringIncludes(new TextDecoder().decode(stdout), '"email":"ada@example.com"');
  } finally {
    await interrupt(second);
  }
});

test("names the file that cannot be used", async () => {
  for (
    const [file, text] of [["supabase/config.toml", "[api"], [
      "supabase/migrations/99999999999999_bad.sql",
      "create tabel x;",
    ]] as const
  ) {
    const path = `${folder}/${file}`;
    const before = await Deno.readTextFile(path).catch(() => undefined);
    await Deno.writeTextFile(path, text);
    const dev = start("--port", "0", "--clerk-port", "0");
    assertEquals((await dev.status).code, 1);
    assertStringIncludes(dev.output(), file);
    if (before === undefined) await Deno.remove(path);
    else await Deno.writeTextFile(path, before);
  }
});

test("leaves the simulator in place of a .env without a publishable key, and says so", async () => {
  await Deno.writeTextFile(
    `${folder}/supabase/functions/.env`,
    `CLERK_WEBHOOK_SECRET=whsec_${btoa("another secret of 24 bytes or more")}\n`,
  );
  const dev = start("--port", "0", "--clerk-port", "0");
  try {
    const output = await ready(dev);
    assertMatch(await paste(output), /"email":"ada@example.com"/);
    await eventually(() => {
      assertStringIncludes(dev.output(), "the simulator's values stand for CLERK_WEBHOOK_SECRET");
      assertStringIncludes(dev.output(), '"outcome":"created"');
      return Promise.resolve();
    });
  } finally {
    await interrupt(dev);
    await Deno.remove(`${folder}/supabase/functions/.env`);
  }
});

test("says what a changed .env or project means while it runs", async () => {
  const dev = start("--port", "0", "--clerk-port", "0");
  const env = `${folder}/supabase/functions/.env`;
  const said = (text: string) =>
    eventually(() => {
      assertStringIncludes(dev.output(), text);
      return Promise.resolve();
    });
  try {
    await ready(dev);
    await Deno.writeTextFile(env, "CLERK_PUBLISHABLE_KEY=pk_nonsense\n");
    await said("the functions talk to that Clerk instance");
    await said("CLERK_PUBLISHABLE_KEY is malformed");
    await said("CLERK_WEBHOOK_SECRET is not set");
    await Deno.writeTextFile(`${folder}/supabase/config.toml`, "\n", { append: true });
    await said("restart dev to take it over");
  } finally {
    await interrupt(dev);
    await Deno.remove(env);
  }
});

test("--help and a wrong flag say what can be said", async () => {
  const help = start("--help");
  assertEquals((await help.status).code, 0);
  assertStringIncludes(help.output(), "--persist");
  for (const flags of [["--prot", "1"], ["--port", "eleven"], ["--port", "99999"]]) {
    const dev = start(...flags);
    assertEquals((await dev.status).code, 1);
    assertStringIncludes(dev.output(), flags[0]!);
  }
});

Deno.test("the copy of the project is removed", () => Deno.remove(folder, { recursive: true }));
