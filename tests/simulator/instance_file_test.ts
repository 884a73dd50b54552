/** The simulator keeps its keys between runs. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readInstance } from "../../dev/clerk/instance_file.ts";
import { createInstance } from "../../dev/clerk/keys.ts";
import { ProjectError } from "../../project/errors.ts";
import { withSimulator } from "../helpers/clerk/simulator.ts";

async function withFolder(run: (folder: URL) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await run(new URL(`file://${path}/`));
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("the simulator's keys are saved in a private file until they are renewed", () =>
  withFolder(async (folder) => {
    const file = new URL("cache/keys.json", folder);
    const first = await readInstance(file, false);
    assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    assertEquals(await readInstance(file, false), first);
    const renewed = await readInstance(file, true);
    for (const key of ["id", "secretKey", "webhookSecret"] as const) assert(renewed[key] !== first[key], key);
    assert(renewed.privateJwk.n !== first.privateJwk.n);
    assertEquals(await readInstance(file, false), renewed);
    assertEquals((await Array.fromAsync(Deno.readDir(new URL(".", file)))).length, 1);
  }));

Deno.test("a key file that is not JSON causes an error that names the file and --renew-keys", () =>
  withFolder(async (folder) => {
    const file = new URL("keys.json", folder);
    await Deno.writeTextFile(file, "{");
    const { message } = await assertRejects(() => readInstance(file, false), ProjectError);
    for (const part of [file.pathname, "--renew-keys"]) assertStringIncludes(message, part);
    assertEquals((await readInstance(file, true)).secretKey.startsWith("sk_test_"), true);
  }));

Deno.test("saved state keeps its own keys, unless they are renewed", () =>
  withFolder(async (folder) => {
    const file = new URL("clerk.json", folder);
    const [one, other] = await Promise.all([createInstance("test"), createInstance("test")]);
    const keyOf = async (options: Parameters<typeof withSimulator>[0]) => {
      let key = "";
      await withSimulator({ file, ...options }, ({ secretKey }) => Promise.resolve(void (key = secretKey)));
      return key;
    };
    assertEquals(await keyOf({ instance: one }), one.secretKey);
    assertEquals(await keyOf({ instance: other }), one.secretKey);
    assertEquals(await keyOf({ instance: other, renewKeys: true }), other.secretKey);
    assertEquals(await keyOf({ instance: one }), other.secretKey);
  }));
